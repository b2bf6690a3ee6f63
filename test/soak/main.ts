import { parseArgs } from 'node:util'
import { Api } from '../support/api.js'
import { Audience } from './audience.js'
import { type Holdings, type ServerProcess, startServerProcess } from './server-process.js'
import { emptyTally, Table, type Tally } from './table.js'

const RESIDENT_MIB_MAX = 512
const HEAP_MIB = 384
/** How much more the heap may hold after everybody has left than before they came. */
const HEAP_GROWTH_MIB_MAX = 6
const MINUTE_MS = 60_000
const STEP_MS = 1_000
const SAMPLE_MS = 10_000
const KEEP_MS = 4 * MINUTE_MS
const WARM_UP_MS = 30_000
/** How long a run may go on beyond its minutes before it gives up. */
const OVERTIME_MS = 10 * MINUTE_MS
const MINUTES_MAX = 24 * 60
const STREAMS_MAX = 50_000
const TABLES_MAX = 500

interface Plan {
  readonly minutes: number
  readonly streams: number
  readonly tables: number
  readonly clockSpeed: number
}

process.exitCode = await soak(planOf(process.argv.slice(2)))

/**
 * Lets tables play for a long time while an audience watches, and reports what the server held before,
 * meanwhile and after.
 * @returns 0 if it held no more than it may, lost nobody, and gave everything back
 */
async function soak(plan: Plan): Promise<number> {
  const server = await startServerProcess({
    heapMib: HEAP_MIB,
    clockSpeed: plan.clockSpeed,
    environment: {
      MAX_SESSIONS: String(plan.tables + Audience.sessionsFor(plan.streams)),
      MAX_STREAMS: String(plan.streams + plan.tables * 16),
      RATE_LIMITING: 'false',
      LOG_REQUESTS: 'false',
      LOG_LEVEL: 'info',
    },
  })
  const limit = setTimeout(
    () => {
      say('the run does not end; giving up')
      process.exit(1)
    },
    plan.minutes * MINUTE_MS + OVERTIME_MS,
  )
  limit.unref()
  const tally = emptyTally()
  await play(server, { ...plan, untilMs: WARM_UP_MS }, emptyTally())
  const before = { ...server.holdings(), heapMib: await server.heapMib() }
  say(`before: ${inWords(before)}`)
  const audience = new Audience(server.url)
  await audience.open(plan.streams)
  say(`with ${audience.size} idle streams: ${inWords(server.holdings())}`)
  const stopWatching = watch(server, audience, tally, KEEP_MS / plan.clockSpeed)
  await play(server, { ...plan, untilMs: plan.minutes * MINUTE_MS }, tally)
  stopWatching()
  const lost = audience.lost
  await audience.close()
  await pause(WARM_UP_MS)
  const after = { ...server.holdings(), heapMib: await server.heapMib() }
  const { body: sessionsLeft } = await new Api(server.url).request('/api/sessions')
  const { peakMib } = after
  const exitCode = await server.stop()
  say(`after ${plan.minutes} minutes: ${inWords(after)}`)
  const broken = [
    ...(peakMib > RESIDENT_MIB_MAX ? [`${peakMib} MiB were resident`] : []),
    ...(lost > 0 ? [`${lost} idle streams were lost`] : []),
    ...(sessionsLeft.length > 0 ? [`${sessionsLeft.length} sessions are left`] : []),
    ...(after.heapMib > before.heapMib + HEAP_GROWTH_MIB_MAX
      ? [`${after.heapMib - before.heapMib} MiB more are on the heap`]
      : []),
    ...(after.descriptors > before.descriptors + 20 ? [`${after.descriptors} descriptors are left`] : []),
    ...(exitCode === 0 ? [] : [`the server ended with ${exitCode}`]),
    ...tally.faults,
  ]
  say(JSON.stringify({ plan, before, peakMib, after, lost, ...tally, broken }, null, 2))
  return broken.length === 0 ? 0 : 1
}

/** Every table takes one step a second, and at the end everybody leaves. */
async function play(
  { url }: ServerProcess,
  { tables: count, untilMs }: Plan & { readonly untilMs: number },
  tally: Tally,
): Promise<void> {
  const tables = Array.from({ length: count }, (_, seed) => new Table(url, seed, tally))
  const endsAt = Date.now() + untilMs
  while (Date.now() < endsAt) {
    const next = Date.now() + STEP_MS
    await Promise.all(tables.map((table) => table.step()))
    await pause(Math.max(0, next - Date.now()))
  }
  for (const table of tables) await table.clear()
}

/** Takes samples during the run, and keeps the audience's sessions alive. */
function watch(server: ServerProcess, audience: Audience, tally: Tally, keepMs: number): () => void {
  const timers = [
    setInterval(() => {
      const { requests, rounds, sessions, faults } = tally
      say(
        `${inWords(server.holdings())}, ${requests} requests, ${sessions} sessions, ${rounds} rounds, ` +
          `${audience.lost} streams lost, ${faults.length} faults`,
      )
    }, SAMPLE_MS),
    setInterval(() => audience.keep().catch((error) => tally.faults.push(String(error))), keepMs),
  ]
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}

function planOf(args: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '120' },
      streams: { type: 'string', default: '10000' },
      tables: { type: 'string', default: '20' },
      'clock-speed': { type: 'string', default: '1' },
    },
  })
  return {
    minutes: within('minutes', values.minutes, MINUTES_MAX),
    streams: within('streams', values.streams, STREAMS_MAX),
    tables: within('tables', values.tables, TABLES_MAX),
    clockSpeed: within('clock-speed', values['clock-speed'], 60),
  }
}

function within(name: string, text: string, max: number): number {
  const value = Number(text)
  if (value > 0 && value <= max) return value
  throw new Error(`--${name} is ${text}; it may hold a number up to ${max}`)
}

function inWords({ residentMib, descriptors }: Holdings): string {
  return `${residentMib} MiB resident, ${descriptors} descriptors`
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
}
