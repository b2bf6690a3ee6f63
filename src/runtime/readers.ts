import type { UserId } from '../../machines/ids.js'

/** Somebody who follows a session's log: a stream, or a long poll that waits. */
export interface Reader {
  /** Who has proved to be reading; `null`: a watcher. */
  readonly userId: UserId | null
  /** There may be something behind the cursor: send what fits. */
  flush(): void
  /** Sends a frame that is no event. A reader that cannot take it now may drop it. */
  notify(json: string): void
  /** The whole state is to be sent next, whatever the cursor. */
  resync(reason: string): void
  /** The participant's mobile profile is another now. */
  profileChanged(): void
  /** Ends the reading once everything up to now is sent. */
  end(): void
}

/** The readers of one session. */
export class Readers {
  readonly #readers = new Set<Reader>()
  #isFlushDue = false

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

  /** Lets every reader send, once, after all commands of this turn of the event loop. */
  flushSoon(): void {
    if (this.#isFlushDue || this.#readers.size === 0) return
    this.#isFlushDue = true
    setImmediate(() => {
      this.#isFlushDue = false
      for (const reader of this.#readers) reader.flush()
    })
  }

  notify(json: string): void {
    for (const reader of this.#readers) reader.notify(json)
  }

  resync(reason: string): void {
    for (const reader of this.#readers) reader.resync(reason)
  }

  profileChanged(userId: UserId): void {
    for (const reader of this.#of(userId)) reader.profileChanged()
  }

  /** Ends the streams of one participant. */
  endOf(userId: UserId): void {
    for (const reader of this.#of(userId)) reader.end()
  }

  endAll(): void {
    for (const reader of [...this.#readers]) reader.end()
  }

  #of(userId: UserId): Reader[] {
    return [...this.#readers].filter((reader) => reader.userId === userId)
  }
}
