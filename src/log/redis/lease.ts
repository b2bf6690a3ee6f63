import type { Logger } from '../../platform/logger.js'
import type { Connection } from './connection.js'
import { HOLDER } from './keys.js'
import { HOLD, RELEASE } from './scripts.js'

/** Whoever has not renewed it for so long has it no more, in milliseconds; a beat is a second. */
const LEASE_MS = 4_000
/** How often it is asked for by one that waits, in milliseconds. */
const ASK_MS = 200

/** Says which process carries out the sessions of a Redis; two would not know what the other one does. */
export class Lease {
  readonly #connection: Connection
  readonly #name: string
  readonly #logger: Logger
  #isHeld = false

  /** @param name - of this process */
  constructor(connection: Connection, name: string, logger: Logger) {
    this.#connection = connection
    this.#name = name
    this.#logger = logger
  }

  /**
   * Waits until the process before has let it go, or was killed.
   * @throws when that does not happen in time
   */
  async take(patienceMs: number): Promise<void> {
    const until = performance.now() + patienceMs
    while (!(await this.#ask())) {
      if (performance.now() > until)
        throw new Error('another server runs with this COMMAND_LOG, and there can be one at a time')
      await new Promise((resolve) => setTimeout(resolve, ASK_MS))
    }
    this.#isHeld = true
  }

  /** Keeps it. Once somebody else has it, this process takes no commands any more. */
  async renew(): Promise<void> {
    if (!this.#isHeld) return
    const isMine = await this.#ask().catch(() => null)
    if (isMine !== false || !this.#isHeld) return
    this.#isHeld = false
    this.#connection.giveUp()
    this.#logger.error('another server has taken the sessions over; this one takes no commands any more')
  }

  /** The next process need not wait until it has lapsed. */
  async release(): Promise<void> {
    if (!this.#isHeld) return
    this.#isHeld = false
    await this.#connection.run(RELEASE, [HOLDER], [this.#name])
  }

  async #ask(): Promise<boolean> {
    return (await this.#connection.run(HOLD, [HOLDER], [this.#name, String(LEASE_MS)])) === 1
  }
}
