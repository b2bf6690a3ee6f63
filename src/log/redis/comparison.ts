import type { SessionId } from '../../../machines/ids.js'
import type { Connection } from './connection.js'
import { keysOf } from './keys.js'
import { HEADS } from './scripts.js'
import type { SessionList } from './session-list.js'

/**
 * The first beat after this long, in milliseconds, checks for messages that were sent but not heard. Beats
 * are a second apart or a little less, so that is every second beat.
 */
const CHECK_MS = 1_500
/** Sessions checked in one call. */
const CHECKED_AT_ONCE_MAX = 200
/** Each look also covers sessions made this long before the previous one, in milliseconds. */
const LATE_MS = 10_000

export interface ComparisonOptions {
  readonly connection: Connection
  readonly list: SessionList
  /** The sessions that run here. */
  readonly followed: () => Iterable<SessionId>
  /** Whether a session runs here, is being made here, or is over. */
  readonly isKnown: (id: SessionId) => boolean
  /** Called with each session that is not known. */
  readonly found: (id: SessionId) => void
  /** @param head - the id of the last entry in its log; '' if there is no log */
  readonly check: (id: SessionId, head: string) => Promise<void>
  readonly failed: (error: unknown) => void
}

/** Compares what is here with the log now and then, since messages about new entries can be lost. */
export class Comparison {
  readonly #options: ComparisonOptions
  #comparedAt = performance.now()
  #isComparing = false
  #isClosed = false

  constructor(options: ComparisonOptions) {
    this.#options = options
  }

  beat(): void {
    if (performance.now() - this.#comparedAt >= CHECK_MS) this.begin()
  }

  begin(): void {
    if (this.#isComparing || this.#isClosed) return
    this.#isComparing = true
    this.#compare()
      .catch(this.#options.failed)
      .finally(() => {
        this.#isComparing = false
      })
  }

  close(): void {
    this.#isClosed = true
  }

  async #compare(): Promise<void> {
    const { connection, list, followed, isKnown, found } = this.#options
    const startedAt = performance.now()
    const since = connection.now() - (startedAt - this.#comparedAt) - LATE_MS
    for (const id of await list.createdSince(since)) if (!isKnown(id)) found(id)
    const ids = [...followed()]
    while (ids.length > 0) await this.#compareHeads(ids.splice(0, CHECKED_AT_ONCE_MAX))
    this.#comparedAt = startedAt
  }

  async #compareHeads(ids: readonly SessionId[]): Promise<void> {
    const { connection, check } = this.#options
    const logs = ids.map((id) => keysOf(id).log)
    const reply = await connection.run(HEADS, logs, [])
    const heads = Array.isArray(reply) ? reply : []
    await Promise.all(ids.map((id, index) => check(id, String(heads[index] ?? ''))))
  }
}
