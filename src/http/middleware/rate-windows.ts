import type { ClientRateLimitInfo, Store } from 'express-rate-limit'
import type { EpochMs } from '../../../machines/ids.js'
import type { Clock } from '../../../machines/ports.js'

/** Addresses counted at a time; beyond that the one counted longest is forgotten. */
const KEYS_MAX = 100_000

interface Window {
  readonly startedAt: EpochMs
  hits: number
}

/**
 * Counts the requests of a window that begins with an address's first one. The library's own store
 * measures windows by the time of day: set that back by an hour, and whoever is at the limit stays
 * there for an hour. This one measures by the steady clock, needs no timer, and has a limit itself.
 */
export class RateWindows implements Store {
  /** No other process counts the same. */
  readonly localKeys = true
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

  increment(key: string): ClientRateLimitInfo {
    const now = this.#clock.now()
    this.#forget(now)
    const window = this.#windows.get(key) ?? { startedAt: now, hits: 0 }
    window.hits += 1
    this.#windows.set(key, window)
    const leftMs = window.startedAt + this.#windowMs - now
    // The library wants the end as a time of day, to take the time of day from it again.
    return { totalHits: window.hits, resetTime: new Date(Date.now() + leftMs) }
  }

  decrement(key: string): void {
    const window = this.#windows.get(key)
    if (window !== undefined) window.hits -= 1
  }

  resetKey(key: string): void {
    this.#windows.delete(key)
  }

  #forget(now: EpochMs): void {
    for (const [key, { startedAt }] of this.#windows) {
      const isOver = now - startedAt >= this.#windowMs || now < startedAt
      if (!isOver && this.#windows.size < KEYS_MAX) return
      this.#windows.delete(key)
    }
  }
}
