import { idOf, type Place } from './entry.js'

/** How many entries' places are remembered. */
const REMEMBERED_MAX = 128

/** The place that this process has reached in a log, and those of the entries before it. */
export class Places {
  #newest: Place
  /** The times of the newest entries, each at its sequence number modulo {@link REMEMBERED_MAX}. */
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

  /** Whether this process has applied the entry at this place, as far as it remembers. */
  has({ ms, seq }: Place): boolean {
    return this.#isRemembered(seq) && this.#times[seq % REMEMBERED_MAX] === ms
  }

  /**
   * Whether an entry is the next one; `false`: it was already applied.
   * @throws {OffTrackError} when an entry before it is missing, or another one was applied in its place
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

/** What is here cannot continue from the log. */
export class OffTrackError extends Error {
  override readonly name = 'OffTrackError'
  /** `true`: what was applied here is not in the log; `false`: entries not yet applied here were trimmed. */
  readonly isForked: boolean

  constructor(place: Place, isForked: boolean) {
    super(
      `entry ${idOf(place)} ${isForked ? 'is not the one that was applied there' : 'is not the next one'}`,
    )
    this.isForked = isForked
  }
}
