import { idOf, type Place } from './entry.js'

/** Entries whose places are remembered. */
const REMEMBERED_MAX = 128

/** Where this process stands in a log, and where it stood at the entries before. */
export class Places {
  #newest: Place
  /** The times of the newest entries, each at its number modulo {@link REMEMBERED_MAX}. */
  readonly #times: number[] = []
  readonly #first: number

  constructor(newest: Place) {
    this.#newest = newest
    this.#first = newest.seq
    this.#note(newest)
  }

  get newest(): Place {
    return this.#newest
  }

  reach(place: Place): void {
    this.#newest = place
    this.#note(place)
  }

  /** Whether this process has applied the entry with this id, as far as it remembers. */
  has({ ms, seq }: Place): boolean {
    return this.#isRemembered(seq) && this.#times[seq % REMEMBERED_MAX] === ms
  }

  /**
   * Whether an entry is the next one; `false`: it was applied.
   * @throws {OffTrackError} when one is missing before it, or another one was applied in its place
   */
  isNext(place: Place): boolean {
    const { seq } = this.#newest
    if (place.seq > seq + 1) throw new OffTrackError(place, false)
    if (place.seq > seq) return true
    if (this.#isRemembered(place.seq) && !this.has(place)) throw new OffTrackError(place, true)
    return false
  }

  #note({ ms, seq }: Place): void {
    this.#times[seq % REMEMBERED_MAX] = ms
  }

  #isRemembered(seq: number): boolean {
    const { seq: newest } = this.#newest
    return seq >= this.#first && seq <= newest && seq > newest - REMEMBERED_MAX
  }
}

/** What is here cannot go on with the log. */
export class OffTrackError extends Error {
  override readonly name = 'OffTrackError'
  /** What was applied here is not in the log; otherwise entries were trimmed that never were. */
  readonly isForked: boolean

  constructor(place: Place, isForked: boolean) {
    super(
      `entry ${idOf(place)} ${isForked ? 'is not the one that was applied there' : 'is not the next one'}`,
    )
    this.isForked = isForked
  }
}
