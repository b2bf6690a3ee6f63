import { gather } from './crowd.js'
import type { Figures, JobOf } from './job.js'
import { Tally } from './table.js'

/** Makes sessions in which some rounds were played and everybody has voted, without any stream. */
export async function populate({ crowd, rounds }: JobOf<'populate'>): Promise<Figures> {
  const parties = await gather(crowd, new Tally())
  for (const { table, members } of parties) {
    const voted = rounds * (members.length + 2) + members.length
    for (let command = 0; command <= voted; command += 1) {
      await new Promise<void>((resolve) => table.sendNext(resolve))
    }
  }
  return { sessions: parties.length }
}
