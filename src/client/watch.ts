import { SleptError } from './errors.js'
import { elapsedMs, type Instant, instant } from './instant.js'

/** Nothing at all happened for this long, not even a look, since the machine slept. Longer than a heartbeat. */
const SLEPT_MS = 20_000
const LOOK_MS = 1_000

/**
 * Watches over a piece of work that waits for the network, and breaks it off when its owner aborts,
 * when nothing was heard for too long, or when the machine slept meanwhile: what was open then is
 * most likely dead, and would be silent for minutes before anybody noticed.
 *
 * Silence is measured on the monotonic clock, so that a wall clock that is set does not matter; for a
 * sleep alone the wall clock is asked as well. A background tab whose timers are held back, but which hears its stream, has not slept.
 */
export class Watch {
  readonly #abort = new AbortController()
  readonly #outer: AbortSignal
  readonly #limitMs: (hasHeard: boolean) => number
  readonly #timer: ReturnType<typeof setInterval>
  readonly #onAbort = () => this.#abort.abort(this.#outer.reason)
  #heardAt = performance.now()
  #firstHeardAt: number | null = null
  /** The last look, or sign of life. */
  #awake: Instant = instant()

  /**
   * @param outer - aborts the work whenever it likes
   * @param limitMs - how long nothing may be heard, at first and after that; may be infinite
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

  /** Between the first and the last sign of life, in milliseconds; `null`: there was none. */
  get heardForMs(): number | null {
    return this.#firstHeardAt === null ? null : this.#heardAt - this.#firstHeardAt
  }

  heard(): void {
    this.#awake = instant()
    this.#heardAt = this.#awake.monotonic
    this.#firstHeardAt ??= this.#heardAt
  }

  /** Whatever is still open is broken off. */
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

/** As `AbortSignal.timeout` has it. */
function timeout(silentMs: number): DOMException {
  return new DOMException(`nothing was heard for ${Math.round(silentMs)} ms`, 'TimeoutError')
}
