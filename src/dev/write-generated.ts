import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { presenceMachine } from '../../machines/presence/machine.js'
import { sessionMachine } from '../../machines/session/machine.js'
import { supervisorMachine } from '../../machines/supervisor/machine.js'
import { SETTINGS } from '../platform/config.js'
import { VERSION } from '../platform/version.js'
import { openApi } from '../wire/openapi.js'
import { mermaid } from './mermaid.js'

const FOLDER = 'docs/statecharts'
const README = 'README.md'

/** Writes every diagram, the API's description, and the README's table of settings, from the root of the project; with `--check` says which ones are stale instead. */
function main(isCheck: boolean): void {
  const stale = [...files()].filter(([path, text]) => textOf(path) !== text)
  if (isCheck) {
    for (const [path] of stale) process.stderr.write(`${path} is stale: npm run generate\n`)
    process.exitCode = stale.length === 0 ? 0 : 1
    return
  }
  mkdirSync(FOLDER, { recursive: true })
  for (const [path, text] of stale) writeFileSync(path, text)
}

function files(): Map<string, string> {
  const overview = mermaid(sessionMachine, { root: 'session.active.phase', isOverview: true })
  const withDiagram = between(textOf(README), 'statechart', `\`\`\`mermaid\n${overview}\`\`\``)
  const readme = between(withDiagram, 'settings', settingsTable())
  return new Map([
    ...[sessionMachine, presenceMachine, supervisorMachine].map(
      (machine) => [`${FOLDER}/${machine.id}.mmd`, mermaid(machine)] as const,
    ),
    ['docs/openapi.json', `${JSON.stringify(openApi(VERSION), null, 2)}\n`],
    [README, readme],
  ])
}

/** Puts a text between the comments that mark its place. */
function between(text: string, mark: string, content: string): string {
  const [begin, end] = [`<!-- ${mark}:begin -->`, `<!-- ${mark}:end -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${README} has no place for ${mark}`)
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`
}

function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(
    ([name, { fallback, allowed, meaning }]) => `| \`${name}\` | \`${fallback}\` | ${meaning} | ${allowed} |`,
  )
  return ['| variable | default | meaning | may hold |', '|---|---|---|---|', ...rows].join('\n')
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

main(process.argv.includes('--check'))
