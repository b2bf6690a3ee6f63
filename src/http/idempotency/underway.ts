import { WireError } from '../../wire/errors.js'

/** Repeats that wait for one answer; more are turned away. */
export const REPEATS_WAITING_MAX = 16

interface Entry {
  readonly requestDigest: string
  readonly waiting: (() => void)[]
}

/**
 * First requests of their keys that are being carried out. A repeat that comes meanwhile waits: what the
 * first comes to is the answer to both. There are as many as commands that the log has not settled yet.
 */
export class Underway {
  readonly #byId = new Map<string, Entry>()

  /** Of what the request that is under way asked; `null`: none is. */
  digestOf(id: string): string | null {
    return this.#byId.get(id)?.requestDigest ?? null
  }

  begin(id: string, requestDigest: string): void {
    this.#byId.set(id, { requestDigest, waiting: [] })
  }

  /**
   * @param again - called when the request under way is over
   * @throws {WireError} `RATE_LIMITED` when {@link REPEATS_WAITING_MAX} wait already
   */
  wait(id: string, again: () => void): void {
    const entry = this.#byId.get(id)
    if (entry === undefined) throw new Error('nothing is under way that could be waited for')
    const { waiting } = entry
    if (waiting.length >= REPEATS_WAITING_MAX) throw new WireError('RATE_LIMITED', { retryAfterSeconds: 1 })
    waiting.push(again)
  }

  /** It is over, whatever it came to: those that wait look again, in the order in which they came. */
  end(id: string): void {
    const entry = this.#byId.get(id)
    this.#byId.delete(id)
    for (const again of entry?.waiting ?? []) again()
  }
}
