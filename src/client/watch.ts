import { SleptError } from './errors.js'
import { elapsedMs, type Instant, instant } from './instant.js'

/** If nothing happened for this long, not even a check, the machine slept. Longer than a heartbeat. */
const SLEPT_MS = 20_000
const LOOK_MS = 1_000

/**
 * Watches work that waits for the network, and aborts it when its owner aborts, when nothing was received for
 * too long, or when the machine slept meanwhile: what was open then is most likely dead, and it might take
 * minutes to notice.
 *
 * Silence is measured on the monotonic clock, so setting the wall clock does not matter; only sleep detection
 * also uses the wall clock. A background tab whose timers are throttled, but which receives its stream, has
 * not slept.
 */
export class Watch {
  readonly #abort = new AbortController()
  readonly #outer: AbortSignal
  readonly #limitMs: (hasHeard: boolean) => number
  readonly #timer: ReturnType<typeof setInterval>
  readonly #onAbort = () => this.#abort.abort(this.#outer.reason)
  #heardAt = performance.now()
  #firstHeardAt: number | null = null
  /** The last check, or sign of life. */
  #awake: Instant = instant()

  /**
   * @param outer - may abort the work at any time
   * @param limitMs - how long it may be silent, at first and later; may be infinite
   */
  constructor(outer: AbortSignal, limitMs: (hasHeard: boolean) => number) {
    this.#outer = outer
    this.#limitMs = limitMs
    outer.addEventListener('abort', this.#onAbort)
    if (outer.aborted) this.#onAbort()
    this.#timer = setInterval(() => this.#look(), Math.min(LOOK_MS, limitMs(false) / 2))
  }

  /** For the work; its reason is the owner's, a `TimeoutError`, or a {@link SleptError}. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** The time between the first and the last sign of life, in milliseconds; `null`: there was none. */
  get heardForMs(): number | null {
    return this.#firstHeardAt === null ? null : this.#heardAt - this.#firstHeardAt
  }

  heard(): void {
    this.#awake = instant()
    this.#heardAt = this.#awake.monotonic
    this.#firstHeardAt ??= this.#heardAt
  }

  /** Aborts whatever is still open. */
  close(): void {
    clearInterval(this.#timer)
    this.#outer.removeEventListener('abort', this.#onAbort)
    this.#abort.abort()
  }

  #look(): void {
    const asleepMs = elapsedMs(this.#awake)
    this.#awake = instant()
    const silentMs = this.#awake.monotonic - this.#heardAt
    const limitMs = this.#limitMs(this.#firstHeardAt !== null)
    if (asleepMs > SLEPT_MS) this.#abort.abort(new SleptError('the machine slept'))
    else if (silentMs >= limitMs) this.#abort.abort(timeout(silentMs))
  }
}

/** The same error as that of `AbortSignal.timeout`. */
function timeout(silentMs: number): DOMException {
  return new DOMException(`nothing was heard for ${Math.round(silentMs)} ms`, 'TimeoutError')
}
