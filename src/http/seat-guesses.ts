import type { Clock } from '../../machines/ports.js'
import { WireError } from '../wire/errors.js'
import { RateWindows } from './middleware/rate-windows.js'

/** Wrong codes per minute, for each session and address: a person mistypes, a program tries. */
export const GUESSES_MAX = 10

const WINDOW_MS = 60_000

/** Limits the guessing of seat codes (contract section 10), even with `RATE_LIMITING=false`. */
export class SeatGuesses {
  readonly #windows: RateWindows

  constructor(clock: Pick<Clock, 'now'>) {
    this.#windows = new RateWindows(clock, WINDOW_MS)
  }

  /**
   * Counts an attempt.
   * @throws {WireError} `RATE_LIMITED` for one too many
   */
  count(guesser: string): void {
    const { hits, leftMs } = this.#windows.hit(guesser)
    if (hits <= GUESSES_MAX) return
    this.#windows.takeBack(guesser)
    throw new WireError('RATE_LIMITED', {
      detail: 'Too many codes were tried; wait a minute or get a new code.',
      retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1_000)),
      context: { limit: GUESSES_MAX, window_seconds: WINDOW_MS / 1_000 },
    })
  }

  /** The attempt was correct: it does not count. */
  forgive(guesser: string): void {
    this.#windows.takeBack(guesser)
  }
}
