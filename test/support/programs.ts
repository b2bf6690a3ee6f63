import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Where a program of the system is. Without it, the tests that need it are skipped, which one line
 * reports.
 * @throws with CI=true, where a missing program is a failure
 */
export function program(name: string): string | null {
  const found = programIfAny(name)
  if (found === null && process.env['CI'] === 'true') throw new Error(`${name} is not installed`)
  return found
}

/** The same for a program that not every Debian has: if it is missing, that is no failure. */
export function programIfAny(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders.map((folder) => join(folder, name)).find(isExecutable)
  if (found === undefined) process.stderr.write(`skipped: tests that need ${name}\n`)
  return found ?? null
}

/** `test` if the program is there; `test.skip` otherwise. */
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
