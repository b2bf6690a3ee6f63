import type { EpochMs } from '../../../machines/ids.js'
import type { Clock } from '../../../machines/ports.js'

/** Addresses counted at a time; beyond that the oldest is forgotten. */
const KEYS_MAX = 100_000

interface Window {
  readonly startedAt: EpochMs
  hits: number
}

/** The standing of an address in its window. */
export interface Standing {
  /** Requests in this window, including the current one. */
  readonly hits: number
  /** The time until the window ends. */
  readonly leftMs: number
}

/**
 * Counts requests per window, which begins with an address's first request. It uses the monotonic clock: if
 * the time of day were set back, an address at its limit would stay there.
 */
export class RateWindows {
  readonly #clock: Pick<Clock, 'now'>
  readonly #windowMs: number
  /** In the order in which they began, so expired ones come first. */
  readonly #windows = new Map<string, Window>()

  constructor(clock: Pick<Clock, 'now'>, windowMs: number) {
    this.#clock = clock
    this.#windowMs = windowMs
  }

  /** How many addresses are counted. */
  get size(): number {
    return this.#windows.size
  }

  /** Counts a request. */
  hit(key: string): Standing {
    const now = this.#clock.now()
    this.#forget(now)
    const window = this.#windows.get(key) ?? { startedAt: now, hits: 0 }
    window.hits += 1
    this.#windows.set(key, window)
    return { hits: window.hits, leftMs: window.startedAt + this.#windowMs - now }
  }

  /** Uncounts one request of this window. */
  takeBack(key: string): void {
    const window = this.#windows.get(key)
    if (window !== undefined && window.hits > 0) window.hits -= 1
  }

  #forget(now: EpochMs): void {
    for (const [key, { startedAt }] of this.#windows) {
      const isOver = now - startedAt >= this.#windowMs || now < startedAt
      if (!isOver && this.#windows.size < KEYS_MAX) return
      this.#windows.delete(key)
    }
  }
}
