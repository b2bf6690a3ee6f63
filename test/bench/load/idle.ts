import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf, mib, rssKibOf } from '../process-usage.js'
import { gather, listen } from './crowd.js'
import type { Figures, JobOf } from './job.js'
import { Tally } from './table.js'

/** Measures idle streams: the memory they hold and the CPU time they cost. */
export async function idle({ crowd, serverPid, settleMs, measureMs }: JobOf<'idle'>): Promise<Figures> {
  const parties = await gather(crowd, new Tally())
  await sleep(settleMs)
  const before = rssKibOf(serverPid)
  await listen(parties)
  await sleep(settleMs)
  const after = rssKibOf(serverPid)
  const cpuMs = cpuMsOf(serverPid)
  await sleep(measureMs)
  return {
    rssKibPerStream: (after - before) / (crowd.sessions * crowd.users),
    rssMib: mib(after),
    idleCpuPercent: ((cpuMsOf(serverPid) - cpuMs) / measureMs) * 100,
  }
}
