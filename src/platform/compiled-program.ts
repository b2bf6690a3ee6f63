import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'

/** The bundle, and what V8 kept of it when it was built. */
const PROGRAM = 'program.cjs'
export const CODE_CACHE = 'program.cache'

type ModuleFunction = (require: NodeJS.Require, filename: string, dirname: string) => void

/**
 * The program, compiled: with the code cache beside it where that is of this Node.js and these V8
 * flags, which V8 checks itself, and from scratch otherwise. Of the program V8 compares only the length: who
 * patches the bundle in place takes the cache away. To compile it is a third of the time to the first
 * answer, and Node.js 20 caches nothing by itself.
 * @throws when the bundle is not there
 */
export function compiledProgram(folder: string): Script {
  const filename = join(folder, PROGRAM)
  // esbuild writes ASCII: a character a byte is what V8 keeps and compares fastest.
  const source = readFileSync(filename, 'latin1')
  return new Script(`(function(require,__filename,__dirname){${source}\n})`, {
    filename,
    cachedData: codeCache(folder),
  })
}

/** Runs it as the module that it is. */
export function run(program: Script, folder: string): void {
  const filename = join(folder, PROGRAM)
  const moduleFunction: ModuleFunction = program.runInThisContext()
  moduleFunction(createRequire(filename), filename, folder)
}

function codeCache(folder: string): Buffer | undefined {
  try {
    return readFileSync(join(folder, CODE_CACHE))
  } catch {
    return undefined
  }
}
