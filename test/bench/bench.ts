import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { chartOf } from './chart.js'
import { measure } from './measure.js'
import { readOptions } from './options.js'
import { type Sample, tableOf } from './report.js'

/* npm run bench: MagnaPP and its yardsticks, taking turns, measured from outside. */
const options = readOptions()
if (spawnSync('taskset', ['--version']).status !== 0) fail('taskset is missing (Debian: util-linux)')
if (availableParallelism() < 2) fail('two cores are needed, one for the server and one for the client')

const samples: Sample[] = []
for (const scenario of options.scenarios) {
  for (let run = 0; run < options.runs; run += 1) {
    for (const server of inTurn(options.servers, run)) {
      const figures = await measure(scenario, server, options)
      if (figures !== null) samples.push({ scenario: scenario.name, server, run, figures })
    }
  }
  process.stdout.write(`${tableOf(scenario, samples)}\n\n`)
}
if (options.chart !== null) writeFileSync(options.chart, chartOf(samples))
if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(samples, null, 2)}\n`)

/** Each run starts with a different server, so that none always gets the quietest moment. */
function inTurn<Item>(items: readonly Item[], run: number): readonly Item[] {
  const first = run % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
