import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PACKAGE_FOLDER } from '../platform/version.js'
import { CommandError, EXIT } from './exit.js'

const SHIPPED = join(PACKAGE_FOLDER, 'docs/statecharts')

/**
 * `magnapp diagrams`: writes the statecharts that come with this version, overwriting older ones of the
 * same names, and lists them.
 * @throws {CommandError} when the folder cannot be written to, or this installation lacks them
 */
export async function writeDiagrams(folder = 'statecharts'): Promise<number> {
  try {
    const names = (await readdir(SHIPPED)).sort()
    await mkdir(folder, { recursive: true })
    for (const name of names) {
      const target = join(folder, name)
      await copyFile(join(SHIPPED, name), target)
      process.stdout.write(`${target}\n`)
    }
  } catch (error) {
    throw new CommandError(`no statecharts in ${folder}: ${error instanceof Error ? error.message : error}`)
  }
  return EXIT.ok
}
