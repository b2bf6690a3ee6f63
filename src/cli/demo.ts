import { demo } from '../demo/demo.js'
import { CommandError, EXIT } from './exit.js'

/**
 * `magnapp demo`.
 * @param url - a running server; without one the demo starts its own
 * @throws {CommandError} when that server refuses or does not answer
 */
export async function runDemo(url: string | undefined): Promise<number> {
  try {
    await demo(url)
    return EXIT.ok
  } catch (error) {
    if (url === undefined || !(error instanceof Error)) throw error
    throw new CommandError(`${url}: ${error.message}`)
  }
}
