import type { Version } from '../../machines/ids.js'
import { eventFrameHead, FRAME_END } from '../wire/sse-frame.js'
import { FrameMemory } from './frame-memory.js'

/** A frozen event: serialised once, however many readers it has. */
export interface LoggedEvent {
  readonly version: Version
  /** The envelope (contract section 6) as a stream frame, in UTF-8. */
  readonly frame: Buffer
}

/** Events after a cursor, oldest first. */
export interface Batch {
  /** The version of the last of them. */
  readonly upTo: Version
  /** All of them, joined. */
  readonly bytes: Buffer
}

/** The limit on what is kept for replay, however many events that is. */
const BYTES_MAX = 1_048_576
/** What a stream gets at a time, and so what waits for a reader that does not read. */
const FRAMES_BYTES_MAX = 65_536
/** What a poll gets: at most 256 KiB with the JSON around it (contract section 5). */
const LIST_BYTES_MAX = 262_016

const COMMA = Buffer.from(',')

interface Memo {
  readonly after: Version
  readonly batch: Batch
}

/** The envelope of an event as JSON, in the bytes of its frame. */
export function jsonOf({ version, frame }: LoggedEvent): Buffer {
  return frame.subarray(eventFrameHead(version).length, -FRAME_END.length)
}

/** A session's newest events, in a ring that grows up to its size, and to 1 MiB at most. */
export class EventLog {
  /** Frames only: an event's slot gives its version, and objects would take a third more memory. */
  readonly #ring: (Buffer | undefined)[] = []
  readonly #memory = new FrameMemory()
  readonly #size: number
  #last: Version
  #oldest: Version
  #bytes = 0
  #frames: Memo | null = null
  #list: Memo | null = null

  /**
   * @param size - events kept; older ones are dropped
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

  /** Adds the next event; its version must be one above the last. The newest is kept whatever its size. */
  append(event: LoggedEvent): void {
    const { version, frame } = event
    if (version !== this.#last + 1) throw new Error(`event ${version} cannot follow event ${this.#last}`)
    while (this.#oldest < version && !this.#hasRoomFor(event)) this.#dropOldest()
    this.#ring[version % this.#size] = this.#memory.keep(frame)
    this.#bytes += frame.length
    this.#last = version
    this.#frames = null
    this.#list = null
  }

  /** The next event will be one above this version; all earlier events are dropped. */
  skipTo(version: Version): void {
    this.#ring.length = 0
    this.#bytes = 0
    this.#last = version
    this.#oldest = version + 1
    this.#frames = null
    this.#list = null
  }

  /** Whether everything after this version is still here. */
  covers(after: Version): boolean {
    return Number.isSafeInteger(after) && after <= this.#last && after >= this.#oldest - 1
  }

  /**
   * What a reader missed, oldest first.
   * @param after - the last version the reader has seen
   * @param bytesMax - where the list is cut off; the first event is always included
   * @returns `null` once the log has moved past `after`, or when `after` is not from this log: the reader
   * needs a full sync
   */
  since(after: Version, bytesMax = BYTES_MAX): readonly LoggedEvent[] | null {
    if (!this.covers(after)) return null
    const events: LoggedEvent[] = []
    let bytes = 0
    for (let version = after + 1; version <= this.#last; version += 1) {
      const frame = this.#ring[version % this.#size]
      if (frame === undefined) break
      bytes += frame.length
      if (bytes > bytesMax && events.length > 0) break
      events.push({ version, frame })
    }
    return events
  }

  /** The next frames for a stream: at most 64 KiB but at least one; readers at the same cursor share them. */
  framesSince(after: Version): Batch | null {
    if (this.#frames?.after === after) return this.#frames.batch
    const events = this.since(after, FRAMES_BYTES_MAX)
    if (events === null) return null
    const [first] = events
    const isAlone = events.length === 1 && first !== undefined
    const bytes = isAlone ? first.frame : Buffer.concat(events.map(({ frame }) => frame))
    const batch = { upTo: after + events.length, bytes }
    this.#frames = { after, batch }
    return batch
  }

  /** The next envelopes for a poll, as comma-separated JSON: at most 256 KiB but at least one; shared too. */
  listSince(after: Version): Batch | null {
    if (this.#list?.after === after) return this.#list.batch
    const events = this.since(after, LIST_BYTES_MAX)
    if (events === null) return null
    const pieces = events.flatMap((event, index) => (index === 0 ? [jsonOf(event)] : [COMMA, jsonOf(event)]))
    const batch = { upTo: after + events.length, bytes: Buffer.concat(pieces) }
    this.#list = { after, batch }
    return batch
  }

  #hasRoomFor({ version, frame }: LoggedEvent): boolean {
    return version - this.#oldest < this.#size && this.#bytes + frame.length <= BYTES_MAX
  }

  #dropOldest(): void {
    const index = this.#oldest % this.#size
    this.#bytes -= this.#ring[index]?.length ?? 0
    this.#ring[index] = undefined
    this.#oldest += 1
  }
}
