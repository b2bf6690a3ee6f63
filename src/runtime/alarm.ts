import type { EpochMs } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'

/** The longest delay of a Node timer; a longer wait takes several. */
const DELAY_MS_MAX = 2 ** 31 - 1

/**
 * One real timer for whatever is due first. Setting it to a later time costs nothing: it then rings
 * early, and the listener checks what is due and sets it again. So nearly every command pushes the idle
 * deadline back without touching a timer.
 */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #timer: unknown = null
  #setFor: EpochMs = Number.POSITIVE_INFINITY

  /** @param ring - called at the time set, or earlier */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** @param dueAt - `null`: nothing to wait for */
  set(dueAt: EpochMs | null): void {
    if (dueAt !== null && this.#setFor <= dueAt) return
    this.stop()
    if (dueAt === null) return
    this.#setFor = dueAt
    const delayMs = Math.max(0, Math.min(DELAY_MS_MAX, dueAt - this.#clock.now()))
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null
      this.#setFor = Number.POSITIVE_INFINITY
      this.#ring()
    }, delayMs)
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
    this.#setFor = Number.POSITIVE_INFINITY
  }
}
