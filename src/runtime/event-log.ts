import type { Version } from '../../machines/ids.js'

/** An event, frozen: serialised once, whatever the number of its readers. */
export interface LoggedEvent {
  readonly version: Version
  /** The envelope (contract section 6) as a frame of the stream, in UTF-8. */
  readonly frame: Buffer
}

/** What lies between a cursor and the newest event. */
export interface Batch {
  readonly upTo: Version
  /** All frames, joined. */
  readonly bytes: Buffer
}

/** A session's newest events, in a ring that grows up to its size. */
export class EventLog {
  readonly #ring: (LoggedEvent | undefined)[] = []
  readonly #size: number
  #last: Version
  #oldest: Version
  #memo: { readonly after: Version; readonly batch: Batch } | null = null

  /**
   * @param size - events kept; older ones are overwritten
   * @param start - the version of the newest event that happened before this log began
   */
  constructor(size: number, start: Version = 0) {
    this.#size = size
    this.#last = start
    this.#oldest = start + 1
  }

  /** The version of the newest event. */
  get last(): Version {
    return this.#last
  }

  /** Adds the next event; its version must be one above the last. */
  append(event: LoggedEvent): void {
    if (event.version !== this.#last + 1) {
      throw new Error(`event ${event.version} cannot follow event ${this.#last}`)
    }
    this.#ring[event.version % this.#size] = event
    this.#last = event.version
    this.#oldest = Math.max(this.#oldest, event.version - this.#size + 1)
    this.#memo = null
  }

  /** Whether everything after this version is still here. */
  covers(after: Version): boolean {
    return Number.isSafeInteger(after) && after <= this.#last && after >= this.#oldest - 1
  }

  /**
   * Everything a reader missed, oldest first.
   * @param after - the last version the reader has seen
   * @returns `null` once the log has moved past `after`, or when `after` is not of this log: the reader needs a full sync
   */
  since(after: Version): readonly LoggedEvent[] | null {
    if (!this.covers(after)) return null
    const events: LoggedEvent[] = []
    for (let version = after + 1; version <= this.#last; version += 1) {
      const event = this.#ring[version % this.#size]
      if (event !== undefined) events.push(event)
    }
    return events
  }

  /** What {@link since} gives, as bytes; readers at the same cursor share them. */
  batchSince(after: Version): Batch | null {
    if (this.#memo?.after === after) return this.#memo.batch
    const events = this.since(after)
    if (events === null) return null
    const [first] = events
    const bytes =
      events.length === 1 && first !== undefined
        ? first.frame
        : Buffer.concat(events.map(({ frame }) => frame))
    const batch = { upTo: this.#last, bytes }
    this.#memo = { after, batch }
    return batch
  }
}
