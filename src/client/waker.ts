import { WokenError } from './errors.js'
import { elapsedMs, type Instant, instant } from './instant.js'

/**
 * A connection that received something, or was attempted, this recently needs no replacement. A returning
 * page reports its return several times.
 */
const FRESH_MS = 1_000

/** What a feed is doing, which it can be woken from. */
export interface Work {
  /** Aborts when its owner aborts, or with a {@link WokenError}. */
  readonly signal: AbortSignal
  /** Marks it as over, however it ended. */
  end(): void
}

/**
 * Interrupts a feed's wait when it is known to be in vain: a phone was unlocked, a network came back. What
 * was open then is most likely dead, and silent about it.
 */
export class Waker {
  #work: AbortController | null = null
  /** When the open connection last received something. */
  #heardAt: Instant | null = null
  /** When the latest connection was attempted. */
  #triedAt: Instant | null = null
  #timer: ReturnType<typeof setTimeout> | null = null
  #isStopped = false

  /** @param kind - a connection, or the wait for the next one */
  begin(kind: 'connection' | 'wait', outer: AbortSignal): Work {
    const work = new AbortController()
    const abort = () => work.abort(outer.reason)
    outer.addEventListener('abort', abort)
    if (outer.aborted) abort()
    this.#work = work
    this.#heardAt = null
    if (kind === 'connection') this.#triedAt = instant()
    const end = () => {
      outer.removeEventListener('abort', abort)
      if (this.#work === work) this.#work = null
    }
    return { signal: work.signal, end }
  }

  /** The open connection has received something. */
  heard(): void {
    this.#heardAt = instant()
  }

  /**
   * Makes the feed reconnect at once, unless something was received within the last second. Within a second
   * of the last attempt, it waits for the result of that attempt.
   */
  wake(): void {
    if (this.#isStopped || this.#timer !== null) return
    if (this.#heardAt !== null && elapsedMs(this.#heardAt) < FRESH_MS) return
    const triedMs = this.#triedAt === null ? FRESH_MS : elapsedMs(this.#triedAt)
    const askedAt = performance.now()
    if (triedMs >= FRESH_MS) this.#work?.abort(new WokenError('woken'))
    else this.#timer = setTimeout(() => this.#wakeLate(askedAt), FRESH_MS - triedMs)
  }

  /** Wakes nobody from now on. */
  stop(): void {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Wakes, unless something was received since the request. */
  #wakeLate(askedAt: number): void {
    this.#timer = null
    if (this.#heardAt === null || this.#heardAt.monotonic < askedAt - FRESH_MS) this.wake()
  }
}
