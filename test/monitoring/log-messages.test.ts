import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from '@swc/core'

const ROOT = join(__dirname, '../..')

/** Every message that the sources log, wherever their lines break. */
function loggedMessages(): string[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  const messages = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const source = readFileSync(join(ROOT, 'src', file), 'utf8')
      return source.includes('logger') ? messagesIn(parseSync(source, { syntax: 'typescript' })) : []
    })
  return [...new Set(messages)].sort()
}

/** The texts passed to calls of a `logger` in a source's syntax tree. */
function messagesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  const below = Object.values(node).flatMap(messagesIn)
  const { type, callee, arguments: given } = Object(node)
  if (type !== 'CallExpression' || callee?.type !== 'MemberExpression') return below
  const { object } = callee
  if ((object.value ?? object.property?.value) !== 'logger') return below
  const texts = given.map((argument: { expression: { type: string; value: string } }) => argument.expression)
  return [
    ...below,
    ...texts
      .filter((text: { type: string }) => text.type === 'StringLiteral')
      .map(({ value }: { value: string }) => value),
  ]
}

/** What the guide explains, in the second column of its table. */
function explainedMessages(): string[] {
  const guide = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')
  const [logs = ''] = guide.split('\n## Health')
  const rows = [...logs.matchAll(/^\| (?:info|warn|error|fatal)(?:, \w+)* \| (.+?) \|/gm)]
  const cells = rows.map(([, cell = '']) => cell.replace(/ with .*/, ''))
  return [
    ...new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text))),
  ].sort()
}

test('the guide explains every logged message, and no other', () => {
  expect(loggedMessages().length).toBeGreaterThan(20)
  expect(explainedMessages()).toEqual(loggedMessages())
})
