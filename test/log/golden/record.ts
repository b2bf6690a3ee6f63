import { fresh, record } from './files.js'

const FOLDER = 'test/log/golden'

/**
 * Records sessions; run from the root of the project. Existing files stay as they are: other semantics or
 * another shape have other files. `--semantics-changed`: no live session anywhere has those recorded.
 */
function main(mayChange: boolean): void {
  const changed = record(FOLDER, fresh(), mayChange)
  for (const path of changed) process.stderr.write(`${path} ${mayChange ? 'is changed' : 'would change'}\n`)
  if (changed.length === 0 || mayChange) return
  process.stderr.write(
    'Nothing was written. Raise a number, or fix the change: docs/scale.md, "Rolling upgrades".\n',
  )
  process.exitCode = 1
}

main(process.argv.includes('--semantics-changed'))
