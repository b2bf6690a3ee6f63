import { Histogram } from './histogram.js'

/** Who wrote an entry that was carried out here; `loaded`: it was read when its session was loaded. */
export type EntryOrigin = 'own' | 'other' | 'loaded'

/**
 * Why a session could not continue from the log and was loaded again: the same entries left another process
 * in a different state, or may have, since one failed here (`diverged`), what was carried out here is not in
 * the log (`forked`), entries are gone that were never carried out here (`gap`), or there is an entry that only
 * another release can read.
 */
export type ReloadReason = 'diverged' | 'ended' | 'forked' | 'gap' | 'other_release'

const APPEND_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const LAG_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60]

export interface LogFiguresOptions {
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number
  /** Milliseconds since the epoch. */
  readonly date?: () => number
  readonly isCollecting?: boolean
}

/** How an external command log is doing: plain numbers, kept by the log itself. They name no session. */
export class LogFigures {
  /** From proposing a command until its outcome is known, in seconds; about 2 if it stays unknown. */
  readonly appends = new Histogram(APPEND_SECONDS)
  /** From another process's entry until it is carried out here, in seconds. */
  readonly lag = new Histogram(LAG_SECONDS)
  readonly entries: Record<EntryOrigin, number> = { own: 0, other: 0, loaded: 0 }
  /** Sessions that were read; `unreadable`: something was there, but it cannot be continued. */
  readonly loads = { done: 0, unreadable: 0 }
  readonly reloads: Record<ReloadReason, number> = {
    diverged: 0,
    ended: 0,
    forked: 0,
    gap: 0,
    other_release: 0,
  }
  /** Sessions that the log had lost and that were rewritten from memory. */
  rebuilds = 0
  readonly #now: () => number
  readonly #date: () => number
  readonly #isCollecting: boolean
  #answeredAt: number | null = null

  constructor({
    now = () => performance.now(),
    date = Date.now,
    isCollecting = true,
  }: LogFiguresOptions = {}) {
    this.#now = now
    this.#date = date
    this.#isCollecting = isCollecting
  }

  /** Seconds since the log last answered; `null`: it never has. */
  get silentSeconds(): number | null {
    return this.#answeredAt === null ? null : (this.#now() - this.#answeredAt) / 1_000
  }

  /** The log has just answered. */
  answered(): void {
    this.#answeredAt = this.#now()
  }

  /** A command is being proposed. @returns the same callback, which also records the time it took */
  timed<Told>(settled: (told: Told) => void): (told: Told) => void {
    if (!this.#isCollecting) return settled
    const since = this.#now()
    return (told) => {
      this.appends.observe((this.#now() - since) / 1_000, this.#date())
      settled(told)
    }
  }

  /** An entry was carried out. @param ageMs - how long ago it was written, by the log's clock */
  applied(origin: EntryOrigin, ageMs: number): void {
    this.entries[origin] += 1
    // The log's clock is known only to within an answer's travel time: an entry can seem to be in the future.
    if (origin === 'other' && this.#isCollecting) this.lag.observe(Math.max(0, ageMs) / 1_000, this.#date())
  }
}
