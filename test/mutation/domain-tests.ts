import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/*
 * The tests of the domain itself: they run in the process, start no server and take seconds. All are in
 * one file, since each file would load the same modules again for every mutant, which takes longer than
 * the tests do.
 */

/** The properties come last, since they take longest. */
const FOLDERS = ['machines', 'sync', 'model']

/** These play histories on a server, or take a hundred thousand steps. */
const LEFT_OUT = ['coverage.test.ts', 'presence-model.test.ts', 'restored-session.test.ts']

for (const folder of FOLDERS) {
  const tests = readdirSync(join(__dirname, '..', folder), { recursive: true, encoding: 'utf8' })
  for (const name of tests) {
    if (!name.endsWith('.test.ts') || LEFT_OUT.includes(name)) continue
    describe(`${folder}/${name}`, () => {
      jest.requireActual(`../${folder}/${name}`)
    })
  }
}
