import type { EpochMs, UserId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { ResyncReason, StreamEnd, Telemetry } from './telemetry.js'
import type { Turn } from './turn.js'

/** Follows a session's log: a stream, or a waiting long poll. */
export interface Reader {
  /** The participant who has proved to be reading; `null`: a watcher. */
  readonly userId: UserId | null
  /**
   * There may be something after the cursor: sends what fits.
   * @param at - now: reading the clock for each reader would take as long as finding what to send
   */
  flush(at: EpochMs): void
  /** Sends a frame that is not an event. A reader that cannot take it now may drop it. */
  notify(json: string): void
  /** Sends the whole state next, whatever the cursor. */
  resync(reason: ResyncReason): void
  /** The participant's mobile profile has changed. */
  profileChanged(): void
  /** Ends the reader once everything up to now is sent. */
  end(reason: StreamEnd): void
  /** Breaks the reader off: it threw, and nobody knows what it has sent. */
  destroy(): void
}

/** The readers of one session. */
export class Readers {
  readonly #readers = new Set<Reader>()
  readonly #telemetry: Telemetry
  readonly #turn: Turn
  readonly #clock: Pick<Clock, 'now'>
  /** When the first command that the readers have not seen was accepted; `null`: they have seen them all. */
  #flushDueSince: number | null = null

  constructor(telemetry: Telemetry, turn: Turn, clock: Pick<Clock, 'now'>) {
    this.#telemetry = telemetry
    this.#turn = turn
    this.#clock = clock
  }

  get count(): number {
    return this.#readers.size
  }

  /** How many readers have proved to be this participant's. */
  countOf(userId: UserId): number {
    let count = 0
    for (const reader of this.#readers) if (reader.userId === userId) count += 1
    return count
  }

  /** @returns a function that removes the reader again */
  add(reader: Reader): () => void {
    this.#readers.add(reader)
    return () => {
      this.#readers.delete(reader)
    }
  }

  /**
   * Has every reader send, once, after all commands and answers of this turn of the event loop.
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
    const at = this.#clock.now()
    for (const reader of this.#readers) {
      try {
        reader.flush(at)
      } catch {
        this.#drop(reader)
      }
    }
    this.#telemetry.observe(this.#telemetry.broadcast, (this.#telemetry.now() - since) / 1_000)
  }

  notify(json: string): void {
    this.#each((reader) => reader.notify(json))
  }

  resync(reason: ResyncReason): void {
    this.#each((reader) => reader.resync(reason))
  }

  profileChanged(userId: UserId): void {
    this.#each((reader) => reader.profileChanged(), userId)
  }

  /** Ends the streams of one participant. */
  endOf(userId: UserId, reason: StreamEnd): void {
    this.#each((reader) => this.#end(reader, reason), userId)
  }

  endAll(reason: StreamEnd): void {
    this.#each((reader) => this.#end(reader, reason))
  }

  /** Whoever is ending no longer counts: a dead connection may take minutes to close. */
  #end(reader: Reader, reason: StreamEnd): void {
    this.#readers.delete(reader)
    reader.end(reason)
  }

  /** A reader that throws is dropped; the others are not affected. */
  #each(act: (reader: Reader) => void, userId?: UserId): void {
    for (const reader of [...this.#readers]) {
      if (userId !== undefined && reader.userId !== userId) continue
      try {
        act(reader)
      } catch {
        this.#drop(reader)
      }
    }
  }

  #drop(reader: Reader): void {
    this.#telemetry.readersFailed += 1
    this.#readers.delete(reader)
    reader.destroy()
  }
}
