import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { AnyStateMachine } from 'xstate'
import { sessionMachine } from '../../machines/session/machine.js'
import { supervisorMachine } from '../../machines/supervisor/machine.js'
import { openApi } from '../wire/openapi.js'
import { between } from './marked-text.js'
import { mermaid } from './mermaid.js'
import { environmentExample, settingsTable } from './settings-text.js'
import { svg } from './svg.js'

const FOLDER = 'docs/statecharts'
const README = 'README.md'
const CONFIGURATION = 'docs/configuration.md'

/**
 * Writes every diagram, the API's description, the table of settings and the example environment, from the
 * root of the project; with `--check` it lists the stale ones instead.
 */
async function main(isCheck: boolean): Promise<void> {
  const stale = [...(await files())].filter(([path, text]) => textOf(path) !== text)
  if (isCheck) {
    for (const [path] of stale) process.stderr.write(`${path} is stale: npm run generate\n`)
    process.exitCode = stale.length === 0 ? 0 : 1
    return
  }
  mkdirSync(FOLDER, { recursive: true })
  for (const [path, text] of stale) writeFileSync(path, text)
}

async function files(): Promise<Map<string, string>> {
  const overview = mermaid(sessionMachine, { root: 'session.active', isOverview: true })
  return new Map([
    ...(await Promise.all([sessionMachine, supervisorMachine].map(diagrams))).flat(),
    ['docs/openapi.json', `${JSON.stringify(openApi(), null, 2)}\n`],
    [README, between(README, 'statechart', `\`\`\`mermaid\n${overview}\`\`\``)],
    [CONFIGURATION, between(CONFIGURATION, 'settings', settingsTable())],
    ['deploy/env.example', environmentExample()],
  ])
}

/** One machine in its three forms: as text, as a drawing, and as XState's own JSON for `createMachine`. */
async function diagrams(machine: AnyStateMachine): Promise<[string, string][]> {
  return [
    [`${FOLDER}/${machine.id}.mmd`, mermaid(machine)],
    [`${FOLDER}/${machine.id}.svg`, await svg(machine)],
    [`${FOLDER}/${machine.id}.json`, `${JSON.stringify(machine.config, null, 2)}\n`],
  ]
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

await main(process.argv.includes('--check'))
