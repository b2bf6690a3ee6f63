import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { emptyTally, Table } from '../soak/table.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const MINUTE_SECONDS = 60
const TABLES = 3
const HEAP_GROWTH_MAX = 4 * 2 ** 20

let server: InProcess
let clock: SimulatedClock
/** Every session's actor that ever ran. */
const actors: WeakRef<object>[] = []

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

beforeAll(async () => {
  clock = new SimulatedClock(1_700_000_000_000)
  server = await startInProcess({
    clock,
    inspection: {
      watch: ({ kind, actor }) => {
        if (kind !== 'supervisor') actors.push(new WeakRef(actor))
      },
      routes: (_request, _response, next) => next(),
      isUpgrade: () => false,
      upgrade: () => {},
      close: () => {},
    },
    environment: {
      RATE_LIMITING: 'false',
      LOG_LEVEL: 'warn',
      MAX_SESSIONS: String(TABLES),
      SESSION_TIMEOUT_MINUTES: '2',
      GRACE_PERIOD_MINUTES: '0.5',
      GRACE_WARNING_MINUTES: '0.2',
    },
  })
})

afterAll(() => server.stop())

/** Everything that grows when something is wrongly kept. */
interface Footprint {
  readonly heapBytes: number
  readonly timers: number
  /** Sockets and the like. */
  readonly handles: number
  readonly sessions: number
  readonly streams: number
}

async function footprint(): Promise<Footprint> {
  const { supervisor, streams } = server.services
  while (streams.count > 0) await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setTimeout(resolve, 100))
  // The last heartbeat of the streams that are gone is still to come.
  clock.increment(2_000)
  collectGarbage()
  return {
    heapBytes: process.memoryUsage().heapUsed,
    timers: clock.pending,
    handles: process.getActiveResourcesInfo().filter((kind) => kind.endsWith('Wrap')).length,
    sessions: [...supervisor.sessions()].length,
    streams: streams.count,
  }
}

/** Tables play; each second of theirs takes as long as the requests in it. */
async function play(seconds: number, seed: number): Promise<void> {
  const tally = emptyTally()
  const tables = Array.from({ length: TABLES }, (_, index) => new Table(server.url, seed + index, tally))
  for (let second = 0; second < seconds; second += 1) {
    // Now and then nobody does anything for minutes: sessions end by themselves.
    const isQuiet = second % 200 >= 190
    if (isQuiet) clock.increment(15_000)
    else await Promise.all(tables.map((table) => table.step()))
    clock.increment(1_000)
  }
  for (const table of tables) await table.clear()
  clock.increment(10 * MINUTE_SECONDS * 1_000)
  expect(tally.faults).toEqual([])
  expect(tally.rounds).toBeGreaterThan(seconds / 4)
}

/** Why: a server that is never restarted must look the same after ten minutes as before. */
test('after ten minutes of joins, rounds, drops and leaves nothing is left: heap, handles, timers, actors', async () => {
  await play(2 * MINUTE_SECONDS, 1)
  const before = await footprint()
  await play(10 * MINUTE_SECONDS, 1_000)
  const after = await footprint()
  expect(after.heapBytes - before.heapBytes).toBeLessThan(HEAP_GROWTH_MAX)
  expect([after.sessions, after.streams]).toEqual([0, 0])
  expect(after.timers).toBe(before.timers)
  // Up to two of a client's connections may be kept for its next request.
  expect(after.handles).toBeLessThanOrEqual(before.handles + 2 * TABLES)
  expect(actors.length).toBeGreaterThan(40)
  expect(actors.filter((actor) => actor.deref() !== undefined)).toHaveLength(0)
}, 120_000)
