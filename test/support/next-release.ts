import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { ENTRY } from './built-server.js'

/** Of what is built, the program does not need its sources; and its code cache is of another program. */
const LEFT_OUT = new Set(['src', 'machines', 'program.cache'])

const VERSION = '999.0.0'

/** What the name of a session ends in that is carried out as the next release does. */
export const NEXT_NAME = ' II'

/** In the bundle as it is built; each is there once. */
const CHANGES = [
  ['SEMANTICS={min:1,max:1}', 'SEMANTICS={min:1,max:2}'],
  [
    'function createContext(input){',
    `function createContext(input){if(input.semantics===2)input={...input,name:input.name+"${NEXT_NAME}"};`,
  ],
] as const

/** A build of another release. */
export interface Release {
  /** What `bin.magnapp` would name. */
  readonly entry: string
  remove(): void
}

/**
 * The release after the one that is built: it carries sessions out that this one does not, and these otherwise. It
 * is made of the build, since no other release is at hand.
 * @throws when the build has no longer what is to be changed
 */
export function nextRelease(): Release {
  const folder = mkdtempSync(join(tmpdir(), 'next-release-'))
  const build = join(folder, 'dist')
  cpSync(dirname(ENTRY), build, { recursive: true, filter: (from) => !LEFT_OUT.has(basename(from)) })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: VERSION }))
  const program = join(build, 'program.cjs')
  writeFileSync(program, changed(readFileSync(program, 'latin1')), 'latin1')
  return {
    entry: join(build, basename(ENTRY)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function changed(program: string): string {
  return CHANGES.reduce((text, [here, next]) => {
    if (text.split(here).length !== 2) throw new Error(`the build does not have ${here} once`)
    return text.replace(here, () => next)
  }, program)
}
