import type { EpochMs } from '../../../machines/ids.js'
import type { Clock } from '../../../machines/ports.js'

/** Addresses counted at a time; beyond that the one counted longest is forgotten. */
const KEYS_MAX = 100_000

interface Window {
  readonly startedAt: EpochMs
  hits: number
}

/** How an address stands in its window. */
export interface Standing {
  /** Requests in this window, the one that asks among them. */
  readonly hits: number
  /** Until the window is over. */
  readonly leftMs: number
}

/**
 * Counts the requests of a window that begins with an address's first one. It measures by the steady
 * clock: by the time of day, whoever is at the limit when that is set back would stay there.
 */
export class RateWindows {
  readonly #clock: Pick<Clock, 'now'>
  readonly #windowMs: number
  /** In the order in which they began; so those that are over come first. */
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

  /** One request of this window is not to count. */
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
