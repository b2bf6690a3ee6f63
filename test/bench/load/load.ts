import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf } from '../process-usage.js'
import { gather, listen } from './crowd.js'
import type { Figures, JobOf } from './job.js'
import { type Table, Tally } from './table.js'

/** One command of each session in this time, paced. */
const PACE_MS = 100
const SETTLE_MS_MAX = 60_000
/** Played at least, before and in the window, however slow the machine is: so that every run has the same mix. */
const ROUNDS_MIN = 3
/** A slow machine's window grows to this many times what was asked for. */
const STRETCH_MAX = 6
const US_PER_MS = 1_000

/** Plays rounds in all sessions for a while and measures the server and itself in a window of it. */
export async function load(job: JobOf<'load'>): Promise<Figures> {
  const { crowd, serverPid } = job
  const tally = new Tally()
  const parties = await gather(crowd, tally)
  const beforeStreams = cpuMsOf(serverPid)
  await listen(parties, crowd.port)
  const cpuUsPerStream = ((cpuMsOf(serverPid) - beforeStreams) * US_PER_MS) / (crowd.sessions * crowd.users)
  const tables = parties.map(({ table }) => table)
  tally.keepsLatencies = job.mode === 'paced'
  const game = play(tables, job.mode)
  const commands = job.mode === 'paced' ? 0 : ROUNDS_MIN * commandsOfRound(crowd.users) * crowd.sessions
  await played(tally, job.warmUpMs, commands)
  const figures = await measured(job, tally, commands)
  game.stop()
  await settled(tables)
  return { ...figures, cpuUsPerStream }
}

function play(tables: readonly Table[], mode: JobOf<'load'>['mode']): { stop(): void } {
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

/** Waits this long, and for this many commands where they take longer. */
async function played(tally: Tally, ms: number, commandsMin: number): Promise<void> {
  tally.reset()
  await sleep(ms)
  for (let times = 1; times < STRETCH_MAX && tally.commands < commandsMin; times += 1) await sleep(ms)
}

/** Start, a vote of everybody, reveal. */
function commandsOfRound(users: number): number {
  return users + 2
}

async function measured(
  { serverPid, measureMs }: JobOf<'load'>,
  tally: Tally,
  commandsMin: number,
): Promise<Figures> {
  const own = process.cpuUsage()
  const loop = performance.eventLoopUtilization()
  const serverMs = cpuMsOf(serverPid)
  const since = performance.now()
  await played(tally, measureMs, commandsMin)
  const elapsedMs = performance.now() - since
  const { commands, delivered, bytes, latenciesMs } = tally
  const usedMs = cpuMsOf(serverPid) - serverMs
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
    ...(latenciesMs.length === 0 ? {} : latencyFigures(latenciesMs)),
  }
}

function latencyFigures(latenciesMs: readonly number[]): Figures {
  const sorted = Float64Array.from(latenciesMs).sort()
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** Every reader has had each event exactly once when every table settles. */
async function settled(tables: readonly Table[]): Promise<void> {
  const deadline = performance.now() + SETTLE_MS_MAX
  while (tables.some((table) => !table.isSettled)) {
    if (performance.now() > deadline) throw new Error('a reader did not get every event')
    await sleep(10)
  }
}
