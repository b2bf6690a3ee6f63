import { WokenError } from './errors.js'
import { elapsedMs, type Instant, instant } from './instant.js'

/** A line that was heard, or tried, so recently needs no other one. A page that comes back says so several times over. */
const FRESH_MS = 1_000

/** What a feed does at the moment, which it can be woken from. */
export interface Work {
  /** Aborts when its owner aborts, or with a {@link WokenError}. */
  readonly signal: AbortSignal
  /** It is over, however it ended. */
  end(): void
}

/**
 * Breaks off what a feed waits for when somebody knows better than the clock that it waits in vain: a
 * phone was unlocked, a network came back. What was open then is most likely dead, and silent about it.
 */
export class Waker {
  #work: AbortController | null = null
  /** Over what is open now. */
  #heardAt: Instant | null = null
  /** When the newest connection was tried. */
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

  /** Something came over what is open now. */
  heard(): void {
    this.#heardAt = instant()
  }

  /**
   * Has the feed connect at once, unless something was heard within the last second. Within a second of
   * the last attempt it waits for what becomes of that.
   */
  wake(): void {
    if (this.#isStopped || this.#timer !== null) return
    if (this.#heardAt !== null && elapsedMs(this.#heardAt) < FRESH_MS) return
    const triedMs = this.#triedAt === null ? FRESH_MS : elapsedMs(this.#triedAt)
    const askedAt = performance.now()
    if (triedMs >= FRESH_MS) this.#work?.abort(new WokenError('woken'))
    else this.#timer = setTimeout(() => this.#wakeLate(askedAt), FRESH_MS - triedMs)
  }

  /** Nobody is woken any more. */
  stop(): void {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Unless something was heard since it was asked for. */
  #wakeLate(askedAt: number): void {
    this.#timer = null
    if (this.#heardAt === null || this.#heardAt.monotonic < askedAt - FRESH_MS) this.wake()
  }
}
