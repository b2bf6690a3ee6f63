import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf } from '../process-usage.js'
import { count, gather, listen } from './crowd.js'
import type { Figures, JobOf } from './job.js'
import { type Table, Tally } from './table.js'

/** When paced, each session sends one command in this time. */
const PACE_MS = 100
const SETTLE_MS_MAX = 60_000
/** Played at least, before and in the window, even on a slow machine, so that every run has the same mix. */
const ROUNDS_MIN = 3
/** Where the server has to share its core, its windows grow, at most to this many times the given length. */
const STRETCH_MAX = 8
const LOOK_MS = 50
const US_PER_MS = 1_000

/** Plays rounds in all sessions for a while, and measures the server and itself in a window of that. */
export async function load(job: JobOf<'load'>): Promise<Figures> {
  const { crowd, serverPids } = job
  const tally = new Tally()
  const parties = await gather(crowd, tally)
  const beforeStreams = cpuMsOf(...serverPids)
  const streams = await listen(parties)
  const cpuUsPerStream =
    ((cpuMsOf(...serverPids) - beforeStreams) * US_PER_MS) / (crowd.sessions * crowd.users)
  count(parties, streams)
  const tables = parties.map(({ table }) => table)
  tally.keepsLatencies = job.mode !== 'lock-step'
  const game = play(tables, job.mode)
  const until = { tally, commandsMin: ROUNDS_MIN * commandsOfRound(crowd.users) * crowd.sessions }
  await played(job, job.warmUpMs, until)
  const figures = await measured(job, until)
  game.stop()
  await settled(tables)
  return { ...figures, cpuUsPerStream }
}

/** Plays rounds at all tables until stopped. */
export function play(tables: readonly Table[], mode: JobOf<'load'>['mode']): { stop(): void } {
  let isOver = false
  const again = (table: Table) => {
    const onSettled = () => {
      if (!isOver) again(table)
    }
    if (mode === 'burst') table.sendBurst(onSettled)
    else table.sendNext(onSettled)
  }
  const paced = (table: Table, index: number) => {
    setTimeout(
      () =>
        setInterval(() => {
          if (!isOver && table.isSettled) table.sendNext(() => {})
        }, PACE_MS),
      (index * PACE_MS) / tables.length,
    )
  }
  for (const [index, table] of tables.entries()) mode === 'paced' ? paced(table, index) : again(table)
  return {
    stop: () => {
      isOver = true
    },
  }
}

/**
 * Plays until the server has used this much CPU time and carried out this many commands: compilers and
 * caches are as warm, and a window as long, on a busy machine as on an idle one. When paced, time counts.
 */
async function played({ mode, serverPids }: JobOf<'load'>, ms: number, until: Until): Promise<void> {
  const { tally, commandsMin } = until
  tally.reset()
  if (mode === 'paced') return sleep(ms)
  const usedMs = cpuMsOf(...serverPids)
  const deadline = performance.now() + ms * STRETCH_MAX
  while (performance.now() < deadline) {
    if (cpuMsOf(...serverPids) - usedMs >= ms && tally.commands >= commandsMin) return
    await sleep(LOOK_MS)
  }
}

interface Until {
  readonly tally: Tally
  readonly commandsMin: number
}

/** Start, everybody's vote, reveal. */
function commandsOfRound(users: number): number {
  return users + 2
}

async function measured(job: JobOf<'load'>, until: Until): Promise<Figures> {
  const { serverPids, redisPid, measureMs } = job
  const own = process.cpuUsage()
  const loop = performance.eventLoopUtilization()
  const serverMs = cpuMsOf(...serverPids)
  const redisMs = redisPid === null ? 0 : cpuMsOf(redisPid)
  const since = performance.now()
  await played(job, measureMs, until)
  const elapsedMs = performance.now() - since
  const { commands, delivered, bytes, latenciesMs } = until.tally
  const usedMs = cpuMsOf(...serverPids) - serverMs
  const { user, system } = process.cpuUsage(own)
  const { utilization } = performance.eventLoopUtilization(loop)
  return {
    eventsPerS: (delivered / elapsedMs) * 1_000,
    commandsPerS: (commands / elapsedMs) * 1_000,
    cpuUsPerEvent: (usedMs * US_PER_MS) / delivered,
    bytesPerEvent: bytes / delivered,
    serverCpu: usedMs / elapsedMs,
    clientCpu: (user + system) / US_PER_MS / elapsedMs,
    clientLoop: utilization,
    ...(redisPid === null
      ? {}
      : { redisUsPerEvent: ((cpuMsOf(redisPid) - redisMs) * US_PER_MS) / delivered }),
    ...(latenciesMs.length === 0 ? {} : latencyFigures(latenciesMs)),
  }
}

function latencyFigures(latenciesMs: readonly number[]): Figures {
  const sorted = Float64Array.from(latenciesMs).sort()
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** Once every table settles, every reader has had each event exactly once. */
export async function settled(tables: readonly Table[]): Promise<void> {
  const deadline = performance.now() + SETTLE_MS_MAX
  while (tables.some((table) => !table.isSettled)) {
    if (performance.now() > deadline) throw new Error('a reader did not get every event')
    await sleep(10)
  }
}
