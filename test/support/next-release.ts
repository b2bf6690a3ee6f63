import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { SEMANTICS } from '../../machines/session/semantics.js'
import { ENTRY } from './built-server.js'

/** Left out of the build: the program does not need its sources, and its code cache is another program's. */
const LEFT_OUT = new Set(['src', 'machines', 'program.cache'])

const VERSION = '999.0.0'

/** The ending of a session's name if it is carried out as in the next release. */
export const NEXT_NAME = ' II'

/** The semantics that the next release adds. */
export const NEXT_SEMANTICS = SEMANTICS.max + 1

/** In the bundle as built; each occurs once. */
const CHANGES = [
  [
    `SEMANTICS={min:${SEMANTICS.min},max:${SEMANTICS.max}}`,
    `SEMANTICS={min:${SEMANTICS.min},max:${NEXT_SEMANTICS}}`,
  ],
  [
    'function createContext(input){',
    `function createContext(input){if(input.semantics===${NEXT_SEMANTICS})input={...input,name:input.name+"${NEXT_NAME}"};`,
  ],
] as const

/** A build of another release. */
export interface Release {
  /** What `bin.magnapp` would name. */
  readonly entry: string
  remove(): void
}

/**
 * The release after the one that is built: it carries out sessions that this one does not, and names them
 * differently. It is made from the build, since no other release is at hand.
 * @throws when the build no longer has what is to be changed
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
