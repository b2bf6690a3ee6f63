import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Where a program of the system is. Without it the tests that need it are skipped, which one line
 * says.
 * @throws with CI=true, where a missing program is a failure
 */
export function program(name: string): string | null {
  const found = programIfAny(name)
  if (found === null && process.env['CI'] === 'true') throw new Error(`${name} is not installed`)
  return found
}

/** The same for a program that not every Debian has: that it is missing is no failure. */
export function programIfAny(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders.map((folder) => join(folder, name)).find(isExecutable)
  if (found === undefined) process.stderr.write(`skipped: tests that need ${name}\n`)
  return found ?? null
}

/** `test` where the program is; `test.skip` elsewhere. */
export function testWith(name: string): jest.It {
  return program(name) === null ? test.skip : test
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
