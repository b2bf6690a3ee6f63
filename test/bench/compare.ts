import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { count, gather, listen } from './load/crowd.js'
import { play, settled } from './load/load.js'
import { type Table, Tally } from './load/table.js'
import { crowdOf, SERVER_CORE } from './measure.js'
import { finelyCpuMsOf } from './process-usage.js'
import { median } from './report.js'
import { SCENARIOS, type Scenario } from './scenarios.js'
import { type PinnedServer, SERVERS, startPinned } from './servers.js'

/*
 * npm run bench:compare -- <entry>: CPU time per event of this build and another one, such as an older commit's
 * dist/magnapp.cjs or .bench/baselines/bare.js. Their servers share a core and take turns of a quarter of a
 * second, so both meet the same noise of the machine. One and the same build differs by some percent from
 * start to start, depending on what its compiler does, so each set starts new processes.
 */

const USAGE = `npm run bench:compare -- [options] <the other's entry>
  --scenario <name>       a saturated one, or burst-100 (saturated-100)
  --defaults              with limits per address and request log
  --sets <n>              how often both are started (9)
  --turns <n>             of each in a set (16)
`
const WARM_UP_MS = 4_000
const TURN_MS = 250
const US_PER_MS = 1_000

type Load = Extract<Scenario, { kind: 'load' }>

interface Contender {
  readonly server: PinnedServer
  readonly tally: Tally
  readonly tables: readonly Table[]
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    scenario: { type: 'string', default: 'saturated-100' },
    defaults: { type: 'boolean', default: false },
    sets: { type: 'string', default: '9' },
    turns: { type: 'string', default: '16' },
  },
})
const [other] = positionals
const scenario = SCENARIOS.find(({ name }) => name === values.scenario)
const name = values.defaults ? 'magnapp' : 'magnapp-tuned'
if (other === undefined || scenario?.kind !== 'load' || scenario.mode === 'paced') fail(USAGE)

const ratios: number[] = []
while (ratios.length < Number(values.sets)) {
  const contenders = [await start(scenario), await start(scenario, resolve(other))]
  for (const contender of contenders) await turn(contender, scenario.mode, WARM_UP_MS)
  const figures: number[][] = [[], []]
  for (let turns = 0; turns < Number(values.turns); turns += 1) {
    for (const [place, contender] of contenders.entries())
      figures[place]?.push(await turn(contender, scenario.mode, TURN_MS))
  }
  await Promise.all(contenders.map(({ server }) => server.stop()))
  const [own = Number.NaN, others = Number.NaN] = figures.map(median)
  ratios.push(own / others)
  const told = `this ${own.toFixed(2)}, other ${others.toFixed(2)}, ratio ${(own / others).toFixed(3)}`
  process.stdout.write(`${scenario.name}, µs/event: ${told}\n`)
}
process.stdout.write(`median ratio ${median(ratios).toFixed(3)}\n`)
process.exit()

/** @param entry - of the other build; default: this one's */
async function start(load: Load, entry = SERVERS[name].entry): Promise<Contender> {
  const server = await startPinned(name, { core: SERVER_CORE, entry })
  const tally = new Tally()
  const crowd = { ...crowdOf({ servers: [server], name }, load), hasOwnConnections: load.mode === 'burst' }
  const parties = await gather(crowd, tally)
  count(parties, await listen(parties))
  return { server, tally, tables: parties.map(({ table }) => table) }
}

/** @returns µs per event */
async function turn({ server, tally, tables }: Contender, mode: Load['mode'], ms: number): Promise<number> {
  tally.reset()
  const before = finelyCpuMsOf(server.pid)
  const game = play(tables, mode)
  await sleep(ms)
  game.stop()
  await settled(tables)
  return ((finelyCpuMsOf(server.pid) - before) * US_PER_MS) / tally.delivered
}

function fail(message: string): never {
  process.stderr.write(message)
  process.exit(64)
}
