import type { UserId } from '../../machines/ids.js'
import type { ResyncReason, StreamEnd, Telemetry } from './telemetry.js'
import type { Turn } from './turn.js'

/** Somebody who follows a session's log: a stream, or a long poll that waits. */
export interface Reader {
  /** Who has proved to be reading; `null`: a watcher. */
  readonly userId: UserId | null
  /** There may be something behind the cursor: send what fits. */
  flush(): void
  /** Sends a frame that is no event. A reader that cannot take it now may drop it. */
  notify(json: string): void
  /** The whole state is to be sent next, whatever the cursor. */
  resync(reason: ResyncReason): void
  /** The participant's mobile profile is another now. */
  profileChanged(): void
  /** Ends the reading once everything up to now is sent. */
  end(reason: StreamEnd): void
}

/** The readers of one session. */
export class Readers {
  readonly #readers = new Set<Reader>()
  readonly #telemetry: Telemetry
  readonly #turn: Turn
  /** When the first command that the readers have not seen was accepted; `null`: they have seen all. */
  #flushDueSince: number | null = null

  constructor(telemetry: Telemetry, turn: Turn) {
    this.#telemetry = telemetry
    this.#turn = turn
  }

  get count(): number {
    return this.#readers.size
  }

  /** @returns what takes the reader out again */
  add(reader: Reader): () => void {
    this.#readers.add(reader)
    return () => {
      this.#readers.delete(reader)
    }
  }

  /**
   * Lets every reader send, once, after all commands and answers of this turn of the event loop.
   * @param since - when the command was accepted, by the telemetry's clock
   */
  flushSoon(since: number): void {
    if (this.#flushDueSince !== null || this.#readers.size === 0) return
    this.#flushDueSince = since
    this.#turn.at('deliveries', this.#flush)
  }

  readonly #flush = (): void => {
    const since = this.#flushDueSince ?? 0
    this.#flushDueSince = null
    for (const reader of this.#readers) reader.flush()
    this.#telemetry.broadcast.observe((this.#telemetry.now() - since) / 1_000)
  }

  notify(json: string): void {
    for (const reader of this.#readers) reader.notify(json)
  }

  resync(reason: ResyncReason): void {
    for (const reader of this.#readers) reader.resync(reason)
  }

  profileChanged(userId: UserId): void {
    for (const reader of this.#of(userId)) reader.profileChanged()
  }

  /** Ends the streams of one participant. */
  endOf(userId: UserId, reason: StreamEnd): void {
    for (const reader of this.#of(userId)) reader.end(reason)
  }

  endAll(reason: StreamEnd): void {
    for (const reader of [...this.#readers]) reader.end(reason)
  }

  #of(userId: UserId): Reader[] {
    return [...this.#readers].filter((reader) => reader.userId === userId)
  }
}
