import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf } from '../process-usage.js'
import { gather, inTurns, listen } from './crowd.js'
import { resumeStream } from './event-stream.js'
import type { Figures, JobOf } from './job.js'
import { Tally } from './table.js'

/** Long enough for the server to have seen every stream close. */
const NOTICED_MS = 3_000
/** The events that each reader has missed when it comes back: a round's start and one vote. */
const MISSED = 2

/**
 * Everybody's stream breaks, each session goes on, and everybody comes back at once with the id of the last
 * event they had; it ends when everybody has received exactly what they missed.
 */
export async function storm({ crowd, serverPid }: JobOf<'storm'>): Promise<Figures> {
  const parties = await gather(crowd, new Tally())
  const streams = await listen(parties)
  for (const { stream } of streams) stream.close()
  await sleep(NOTICED_MS)
  for (const { table } of parties) {
    for (let command = 0; command < MISSED; command += 1) {
      await new Promise<void>((resolve) => table.sendNext(resolve))
    }
  }
  const members = parties.flatMap((party) => party.members)
  const cpuMs = cpuMsOf(serverPid)
  const since = performance.now()
  await inTurns(members, (member, index) =>
    resumeStream(member, streams[index]?.stream.openedAt ?? 0, MISSED),
  )
  return {
    stormMs: performance.now() - since,
    cpuUsPerReconnect: ((cpuMsOf(serverPid) - cpuMs) * 1_000) / members.length,
  }
}
