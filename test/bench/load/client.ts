import { idle } from './idle.js'
import { type Figures, type Job, jobSchema } from './job.js'
import { load } from './load.js'
import { populate } from './populate.js'
import { storm } from './storm.js'

/* The load client: a process of its own on a core of its own. One job goes in, its figures come out. */
const figures = await run(jobSchema.parse(JSON.parse(process.argv[2] ?? '')))
process.send?.(figures, () => process.exit(0))

function run(job: Job): Promise<Figures> {
  switch (job.kind) {
    case 'load':
      return load(job)
    case 'idle':
      return idle(job)
    case 'storm':
      return storm(job)
    case 'populate':
      return populate(job)
  }
}
