import type { SessionId } from '../../../machines/ids.js'
import type { Connection } from './connection.js'
import { keysOf } from './keys.js'
import { HEADS } from './scripts.js'
import type { SessionList } from './session-list.js'

/**
 * It is looked at whether something was said and not heard at the first beat after so long, in milliseconds. Beats are
 * a second apart, or a little less: so that is each second one.
 */
const CHECK_MS = 1_500
/** Sessions that are asked for in one call. */
const CHECKED_AT_ONCE_MAX = 200
/** A session that was made so long before the newest look is found by the next one, in milliseconds. */
const LATE_MS = 10_000

export interface ComparisonOptions {
  readonly connection: Connection
  readonly list: SessionList
  /** The sessions that are carried out here. */
  readonly followed: () => Iterable<SessionId>
  /** Whether a session is carried out here, being made here, or over. */
  readonly isKnown: (id: SessionId) => boolean
  /** There is one that is not known. */
  readonly found: (id: SessionId) => void
  /** @param head - with which its log ends; '' where there is none */
  readonly check: (id: SessionId, head: string) => Promise<void>
  readonly failed: (error: unknown) => void
}

/** Compares what is here with what the log has, now and then: what others say of it can be lost. */
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
