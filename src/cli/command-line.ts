import { parseArgs } from 'node:util'
import { COMMANDS, type Command, type CommandInput } from './commands.js'
import { UsageError } from './exit.js'

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'help' | 'version' | 'print-config' }
  | { readonly kind: 'run'; readonly command: Command; readonly input: CommandInput }

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  'print-config': { type: 'boolean' },
  url: { type: 'string' },
  token: { type: 'string' },
} as const

/** A word within this many single edits of a command's name is suggested as a typo of it. */
const SUGGESTION_EDITS_MAX = 2

/**
 * Reads the words after the program's name.
 * @throws {UsageError} when they are not valid
 */
export function readCommandLine(args: readonly string[]): Request {
  const { values, positionals } = parsed(args)
  const { help, version, 'print-config': printConfig, url, token } = values
  const [name = 'serve', ...words] = positionals
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) throw new UsageError(unknown(name))
  if (help === true) return { kind: 'help' }
  if (version === true) return { kind: 'version' }
  for (const option of ['url', 'token'] as const) {
    if (values[option] !== undefined && !command.options.includes(option))
      throw new UsageError(`${name} takes no --${option}`)
  }
  const extra = words[command.words.length]
  if (extra !== undefined) throw new UsageError(`${name} does not take ${JSON.stringify(extra)}`)
  const missing = command.words[words.length]
  if (missing !== undefined && !missing.startsWith('[')) throw new UsageError(`${name} needs a ${missing}`)
  if (printConfig === true) return { kind: 'print-config' }
  return { kind: 'run', command, input: { words, url, token } }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UsageError(error.message.split('. ')[0])
  }
}

function unknown(name: string): string {
  const [nearest] = Object.keys(COMMANDS)
    .map((other) => ({ other, edits: editsBetween(name, other) }))
    .filter(({ edits }) => edits <= SUGGESTION_EDITS_MAX)
    .sort((a, b) => a.edits - b.edits)
  const hint = nearest === undefined ? '' : `; did you mean ${nearest.other}?`
  return `there is no command ${JSON.stringify(name)}${hint}`
}

/** The edit distance: letters to add, remove or change to turn one word into the other. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= to.length; column += 1) {
      const change = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1)
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
