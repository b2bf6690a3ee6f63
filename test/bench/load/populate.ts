import { gather } from './crowd.js'
import type { Figures, JobOf } from './job.js'
import { Tally } from './table.js'

/** Sessions in which everybody has voted, and no stream. */
export async function populate({ crowd }: JobOf<'populate'>): Promise<Figures> {
  const parties = await gather(crowd, new Tally())
  for (const { table, members } of parties) {
    for (let command = 0; command <= members.length; command += 1) {
      await new Promise<void>((resolve) => table.sendNext(resolve))
    }
  }
  return { sessions: parties.length }
}
