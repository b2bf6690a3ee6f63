import { Histogram } from './histogram.js'

/** Who wrote an entry that was carried out here; `loaded`: it was read with its session. */
export type EntryOrigin = 'own' | 'other' | 'loaded'

/**
 * Why a session could not go on from what the log has, and was loaded anew: the same entries have left another
 * process in another state (`diverged`), what was carried out here is not in the log (`forked`), entries are
 * gone that were never carried out here (`gap`), or there is one that only another release can read.
 */
export type ReloadReason = 'diverged' | 'ended' | 'forked' | 'gap' | 'other_release'

const APPEND_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const LAG_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60]

export interface LogFiguresOptions {
  /** Milliseconds that only ever rise. */
  readonly now?: () => number
  /** Milliseconds since the epoch. */
  readonly date?: () => number
  readonly isCollecting?: boolean
}

/** How a command log beside the process is doing: plain numbers, kept by the log itself. They name no session. */
export class LogFigures {
  /** From a command proposed until it is known what became of it, in seconds; about 2 where that stays unknown. */
  readonly appends = new Histogram(APPEND_SECONDS)
  /** From an entry of another process until it is carried out here, in seconds. */
  readonly lag = new Histogram(LAG_SECONDS)
  readonly entries: Record<EntryOrigin, number> = { own: 0, other: 0, loaded: 0 }
  /** Sessions that were read; `unreadable`: there was something, and it cannot be gone on with. */
  readonly loads = { done: 0, unreadable: 0 }
  readonly reloads: Record<ReloadReason, number> = {
    diverged: 0,
    ended: 0,
    forked: 0,
    gap: 0,
    other_release: 0,
  }
  /** Sessions that the log had lost, and that were written again from memory. */
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

  /** Seconds since the log last showed that it is there; `null`: it never has. */
  get silentSeconds(): number | null {
    return this.#answeredAt === null ? null : (this.#now() - this.#answeredAt) / 1_000
  }

  /** The log is there. */
  answered(): void {
    this.#answeredAt = this.#now()
  }

  /** A command is proposed now. @returns the same, timed when it is told */
  timed<Told>(settled: (told: Told) => void): (told: Told) => void {
    if (!this.#isCollecting) return settled
    const since = this.#now()
    return (told) => {
      this.appends.observe((this.#now() - since) / 1_000, this.#date())
      settled(told)
    }
  }

  /** An entry was carried out. @param ageMs - how long it has been there, by the log's clock */
  applied(origin: EntryOrigin, ageMs: number): void {
    this.entries[origin] += 1
    // A clock that is only known to within an answer's way may see an entry before its time.
    if (origin === 'other' && this.#isCollecting) this.lag.observe(Math.max(0, ageMs) / 1_000, this.#date())
  }
}
