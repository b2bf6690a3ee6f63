import type { Version } from '../../machines/ids.js'
import { eventFrameHead, FRAME_END } from '../wire/sse-frame.js'
import { FrameMemory } from './frame-memory.js'

/** An event, frozen: serialised once, whatever the number of its readers. */
export interface LoggedEvent {
  readonly version: Version
  /** The envelope (contract section 6) as a frame of the stream, in UTF-8. */
  readonly frame: Buffer
}

/** Events behind a cursor, oldest first. */
export interface Batch {
  /** The version of the last of them. */
  readonly upTo: Version
  /** All of them, joined. */
  readonly bytes: Buffer
}

/** Of what is kept for replay, whatever the number of events. */
const BYTES_MAX = 1_048_576
/** What a stream is given at a time: so much waits for a reader that does not read. */
const FRAMES_BYTES_MAX = 65_536
/** What a poll is given: with what is around it no more than 256 KiB (contract section 5). */
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
  /** Frames alone: an event's place says its version, and an object each would be a third on top. */
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

  /** The next event is one above this version; whatever was before is gone. */
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
   * @param bytesMax - where the list ends, if there is more; the first is in it in any case
   * @returns `null` once the log has moved past `after`, or when `after` is not of this log: the reader needs a full sync
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

  /** The next frames for a stream, 64 KiB of them at most but one at least; readers at the same cursor share them. */
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

  /** The next envelopes for a poll, as JSON with commas between them: 256 KiB at most, but one at least; shared as well. */
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
