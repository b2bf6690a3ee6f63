import { fresh, record } from './files.js'

const FOLDER = 'test/log/golden'

/**
 * Puts sessions on record, from the root of the project. What is there stays as it is: with other semantics or
 * another shape it has other files. `--semantics-changed`: no live session anywhere is of what is on record.
 */
function main(mayChange: boolean): void {
  const changed = record(FOLDER, fresh(), mayChange)
  for (const path of changed) process.stderr.write(`${path} ${mayChange ? 'is changed' : 'would change'}\n`)
  if (changed.length === 0 || mayChange) return
  process.stderr.write(
    'Nothing was written. Raise a number, or mend the change: docs/scale.md, "Rolling upgrades".\n',
  )
  process.exitCode = 1
}

main(process.argv.includes('--semantics-changed'))
