import { WireError } from '../../wire/errors.js'

/** Repetitions that may wait for one answer; more are refused. */
export const REPEATS_WAITING_MAX = 16

interface Entry {
  readonly requestDigest: string
  readonly waiting: (() => void)[]
}

/**
 * First requests of their keys that are still being executed. A repetition that arrives meanwhile waits and
 * gets the same answer. There are as many as the log has unsettled commands.
 */
export class Underway {
  readonly #byId = new Map<string, Entry>()

  /** The digest of the request under way; `null`: none is. */
  digestOf(id: string): string | null {
    return this.#byId.get(id)?.requestDigest ?? null
  }

  begin(id: string, requestDigest: string): void {
    this.#byId.set(id, { requestDigest, waiting: [] })
  }

  /**
   * @param again - called when the request under way is over
   * @throws {WireError} `RATE_LIMITED` when {@link REPEATS_WAITING_MAX} already wait
   */
  wait(id: string, again: () => void): void {
    const entry = this.#byId.get(id)
    if (entry === undefined) throw new Error('nothing is under way that could be waited for')
    const { waiting } = entry
    if (waiting.length >= REPEATS_WAITING_MAX) throw new WireError('RATE_LIMITED', { retryAfterSeconds: 1 })
    waiting.push(again)
  }

  /** Marks it as over, whatever the outcome: waiting requests look again, in order of arrival. */
  end(id: string): void {
    const entry = this.#byId.get(id)
    this.#byId.delete(id)
    for (const again of entry?.waiting ?? []) again()
  }
}
