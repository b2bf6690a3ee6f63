import { parseArgs } from 'node:util'
import { QUICK, SCENARIOS, type Scenario } from './scenarios.js'
import { SERVER_NAMES, type ServerName } from './servers.js'

export interface Options {
  readonly scenarios: readonly Scenario[]
  readonly servers: readonly ServerName[]
  readonly runs: number
  readonly measureMs: number
  readonly warmUpMs: number
  /** Where the figures go as JSON; `null`: nowhere. */
  readonly json: string | null
  /** Where the chart goes; `null`: nowhere. */
  readonly chart: string | null
}

const USAGE = `npm run bench -- [options]
  --quick                 the yardstick and MagnaPP in a few scenarios, in about 90 s
  --scenario <name>       repeatable; of: ${SCENARIOS.map(({ name }) => name).join(' ')}
  --server <name>         repeatable; of: ${SERVER_NAMES.join(' ')}; bare is always there
  --runs <n>              rounds of all servers, interleaved (3)
  --seconds <n>           length of a measuring window (4)
  --json <file>           the figures of every run
  --chart <file>          the saturated scenarios as SVG
`

/** Reads the command line's options; an invalid one prints the usage and ends the process. */
export function readOptions(): Options {
  try {
    return parse()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    process.exit(64)
  }
}

function parse(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      scenario: { type: 'string', multiple: true },
      server: { type: 'string', multiple: true },
      runs: { type: 'string', default: '3' },
      seconds: { type: 'string' },
      json: { type: 'string' },
      chart: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) throw new Error('What the bench measures, and where.')
  const wanted = values.scenario ?? (values.quick ? QUICK : SCENARIOS.map(({ name }) => name))
  const servers = values.server ?? (values.quick ? ['magnapp', 'magnapp-tuned'] : SERVER_NAMES)
  const seconds = Number(values.seconds ?? (values.quick ? 2 : 4))
  return {
    scenarios: wanted.map(scenarioNamed),
    servers: SERVER_NAMES.filter((name) => name === 'bare' || servers.map(serverNamed).includes(name)),
    runs: Number(values.runs),
    measureMs: seconds * 1_000,
    warmUpMs: values.quick ? 2_500 : 3_000,
    json: values.json ?? null,
    chart: values.chart ?? null,
  }
}

function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name)
  if (found === undefined) throw new Error(`no scenario ${name}`)
  return found
}

function serverNamed(name: string): ServerName {
  const found = SERVER_NAMES.find((server) => server === name)
  if (found === undefined) throw new Error(`no server ${name}`)
  return found
}
