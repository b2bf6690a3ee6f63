import { readFileSync, writeFileSync } from 'node:fs'
import { between } from '../../src/dev/marked-text.js'
import { eventExamples } from './event-examples.js'
import { exampleSection } from './event-guide.js'

const GUIDE = 'docs/events.md'

/** Writes an example of each event into the guide, from the project's root; `--check` reports stale ones. */
async function main(isCheck: boolean): Promise<void> {
  const guide = readFileSync(GUIDE, 'utf8')
  const fresh = between(GUIDE, 'examples', exampleSection(await eventExamples()))
  if (fresh === guide) return
  if (!isCheck) return writeFileSync(GUIDE, fresh)
  process.stderr.write(`${GUIDE} is stale: npm run generate\n`)
  process.exitCode = 1
}

await main(process.argv.includes('--check'))
