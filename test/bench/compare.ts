import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { count, gather, listen } from './load/crowd.js'
import { play, settled } from './load/load.js'
import { type Table, Tally } from './load/table.js'
import { SERVER_CORE } from './measure.js'
import { finelyCpuMsOf } from './process-usage.js'
import { SCENARIOS, type Scenario } from './scenarios.js'
import { MAGNAPP, type PinnedServer, startPinned } from './servers.js'

/*
 * npm run bench:compare -- <build>: CPU time per event of this build and another one, such as an older commit's
 * dist/magnapp.cjs, without limits and request log. Their servers share a core and take turns of a quarter of a
 * second, so both meet the same noise of the machine. One and the same build differs by some percent from
 * start to start, depending on what its compiler does, so each set starts new processes.
 */

const USAGE = `npm run bench:compare -- [options] <build's entry>
  --scenario <name>       a saturated one, or burst-100 (saturated-100)
  --sets <n>              how often both are started (9)
  --turns <n>             of each in a set (16)
`
const WARM_UP_MS = 4_000
const TURN_MS = 250
const US_PER_MS = 1_000

interface Contender {
  readonly server: PinnedServer
  readonly tally: Tally
  readonly tables: readonly Table[]
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    scenario: { type: 'string', default: 'saturated-100' },
    sets: { type: 'string', default: '9' },
    turns: { type: 'string', default: '16' },
  },
})
const [other] = positionals
const scenario = SCENARIOS.find(({ name }) => name === values.scenario)
if (other === undefined || scenario?.kind !== 'load' || scenario.mode === 'paced') fail(USAGE)

const ratios: number[] = []
while (ratios.length < Number(values.sets)) {
  const { own, others } = await compare(scenario, resolve(other))
  ratios.push(own / others)
  const figures = [
    `this ${own.toFixed(2)}`,
    `other ${others.toFixed(2)}`,
    `ratio ${(own / others).toFixed(3)}`,
  ]
  process.stdout.write(`${scenario.name}, µs/event: ${figures.join(', ')}\n`)
}
process.stdout.write(`median ratio ${medianOf(ratios).toFixed(3)}\n`)
process.exit()

/** One set; medians of the turns, in µs per event. */
async function compare(
  { mode, sessions, users }: Extract<Scenario, { kind: 'load' }>,
  entry: string,
): Promise<{ readonly own: number; readonly others: number }> {
  const start = async (path?: string): Promise<Contender> => {
    const server = await startPinned('magnapp-tuned', { core: SERVER_CORE, entry: path ?? MAGNAPP })
    const tally = new Tally()
    const parties = await gather(
      {
        ports: [server.port],
        isSpread: false,
        protocol: 'sse',
        sessions,
        users,
        hasOwnConnections: mode === 'burst',
      },
      tally,
    )
    count(parties, await listen(parties))
    return { server, tally, tables: parties.map(({ table }) => table) }
  }
  const turn = async ({ server, tally, tables }: Contender, ms: number) => {
    tally.reset()
    const before = finelyCpuMsOf(server.pid)
    const game = play(tables, mode)
    await sleep(ms)
    game.stop()
    await settled(tables)
    return ((finelyCpuMsOf(server.pid) - before) * US_PER_MS) / tally.delivered
  }
  const contenders = [await start(), await start(entry)] as const
  for (const contender of contenders) await turn(contender, WARM_UP_MS)
  const own: number[] = []
  const others: number[] = []
  while (own.length < Number(values.turns)) {
    own.push(await turn(contenders[0], TURN_MS))
    others.push(await turn(contenders[1], TURN_MS))
  }
  await Promise.all(contenders.map(({ server }) => server.stop()))
  return { own: medianOf(own), others: medianOf(others) }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

function fail(message: string): never {
  process.stderr.write(message)
  process.exit(64)
}
