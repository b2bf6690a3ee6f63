import type { Writable } from 'node:stream'
import type { Response } from 'express'
import type { EpochMs, UserId, Version } from '../../../machines/ids.js'
import type { Clock } from '../../../machines/ports.js'
import type { Reader } from '../../runtime/readers.js'
import type { SessionHost } from '../../runtime/session-host.js'
import type { ResyncReason, StreamEnd } from '../../runtime/telemetry.js'
import { commentFrame, eventFrame, noticeFrame, retryFrame } from '../../wire/sse-frame.js'
import type { Beat } from './beat.js'
import type { Open } from './streams.js'

export interface StreamOptions {
  readonly host: SessionHost
  readonly response: Response
  readonly userId: UserId | null
  /** The last version the client has seen; `null`: none, it wants the whole state. `NaN`: an invalid one. */
  readonly after: Version | null
  readonly surroundings: StreamSurroundings
}

/** What all streams of a server share; one object, as there are many of them. */
export interface StreamSurroundings {
  readonly beat: Beat
  readonly clock: Clock
  /** The pace of streams without a mobile profile. */
  readonly usualPace: Pace
  /** Notified once, when the connection is gone. */
  readonly streams: { delete(open: Open): void }
}

export interface Pace {
  readonly heartbeatMs: number
  /** How long events are collected into a batch; 0: not at all. */
  readonly batchMs: number
}

/** How often a batching stream sends its events, at most a beat late. */
const BATCH_MS = 1_000
/** A reader that leaves something untaken for this long is disconnected. */
const STALL_MS_MAX = 30_000
/** How long a client waits before it reconnects: well below what counts as a disconnect by default. */
const RETRY_MS = 1_000
/**
 * A client whose stream gave way waits this long, so that the tabs of one person do not keep displacing each
 * other.
 */
const RETRY_REPLACED_MS = 60_000

/**
 * One connection: a cursor on the session's log. Live delivery, replay and catching up after backpressure are
 * the same: write everything after the cursor while the socket accepts it. Nothing is queued here; a cursor
 * that fell off the log gets the whole state.
 */
export class Stream implements Reader, Open {
  readonly userId: UserId | null
  readonly #host: SessionHost
  readonly #response: Response
  /**
   * Where the bytes of the body go. After the headers they are sent as they are (unchunked, delimited by the
   * end), so they go to the socket directly: `response.write` would cork it and wait a tick each time. If the
   * client has disconnected, there is no socket.
   */
  readonly #sink: Writable
  readonly #surroundings: StreamSurroundings
  readonly #unfollow: () => void
  #cursor: Version
  #resyncReason: 'connected' | ResyncReason | null
  /** Nothing more is written before `drain`. */
  #isBlocked = false
  /** Since when something has been left untaken, if anything is. */
  #untakenSince: EpochMs
  #flushDueAt: EpochMs | null = null
  #lastWriteAt: EpochMs
  #isEnding = false
  #end: StreamEnd = 'client'

  constructor(options: StreamOptions) {
    const { host, response, userId, after, surroundings } = options
    this.#surroundings = surroundings
    this.#host = host
    this.#response = response
    this.#sink = response.socket ?? response
    this.userId = userId
    const now = surroundings.clock.now()
    this.#lastWriteAt = now
    this.#untakenSince = now
    this.#cursor = after ?? host.log.last
    this.#resyncReason = after === null ? 'connected' : null
    this.#sink.on('drain', this.#drained)
    response.on('close', () => this.#closed())
    response.on('error', () => response.destroy())
    const start = after === null ? 'fresh' : host.log.covers(after) ? 'replay' : 'full_sync'
    host.telemetry.streamsOpened[start] += 1
    this.#unfollow = host.readers.add(this)
    this.#write(retryFrame(RETRY_MS) + this.#heartbeatNotice(), now)
    this.#send(now)
    this.#beatLater()
  }

  flush(at: EpochMs): void {
    const { batchMs } = this.#pace()
    if (batchMs === 0 || this.#isEnding) {
      this.#send(at)
    } else if (this.#flushDueAt === null) {
      this.#flushDueAt = at + batchMs
      this.#beatLater()
    }
  }

  notify(json: string): void {
    if (!this.#isBlocked && !this.#isEnding) this.#write(noticeFrame(json))
  }

  resync(reason: ResyncReason): void {
    this.#resyncReason = reason
    this.#send()
  }

  profileChanged(): void {
    if (!this.#isBlocked && !this.#isEnding) this.#write(this.#heartbeatNotice())
    this.#beatLater()
  }

  end(reason: StreamEnd): void {
    if (!this.#isEnding) this.#end = reason
    this.#isEnding = true
    this.#send()
  }

  /** Closes the connection, whatever is still being sent. */
  destroy(): void {
    this.#response.destroy()
  }

  giveWay(): void {
    this.#endWith('replaced', retryFrame(RETRY_REPLACED_MS) + commentFrame('opened elsewhere too often'))
  }

  restart(retryMs: number): void {
    this.#endWith('shutdown', retryFrame(retryMs) + commentFrame('the server restarts'))
  }

  /** Writes a last frame and ends, even if events after the cursor are unsent: the client knows its own position. */
  #endWith(reason: StreamEnd, frame: string): void {
    if (this.#isEnding) return
    this.#end = reason
    this.#isEnding = true
    const now = this.#surroundings.clock.now()
    this.#write(frame, now)
    this.#endResponse(now)
  }

  /** Called by the beat: sends a batch, sends a comment to keep the connection open, or gives up on the reader. */
  beat(): void {
    const now = this.#surroundings.clock.now()
    if (!this.#isTaken()) {
      if (now - this.#untakenSince >= STALL_MS_MAX) {
        this.#end = 'stalled'
        this.destroy()
      }
    } else if (this.#flushDueAt !== null && now >= this.#flushDueAt) {
      this.#send()
    } else if (now - this.#lastWriteAt >= this.#pace().heartbeatMs) {
      this.#write(commentFrame('heartbeat'))
    }
    this.#beatLater()
  }

  /** Sends everything after the cursor while the socket accepts it; then the whole state if requested. */
  #send(at = this.#surroundings.clock.now()): void {
    this.#flushDueAt = null
    if (this.#response.writableEnded) return
    while (!this.#isBlocked && this.#cursor !== this.#host.log.last) {
      const batch = this.#host.log.framesSince(this.#cursor)
      if (batch === null) {
        this.#resyncReason ??= 'log_moved_on'
        break
      }
      this.#host.telemetry.eventsDelivered += batch.upTo - this.#cursor
      this.#cursor = batch.upTo
      this.#write(batch.bytes, at)
    }
    if (this.#isBlocked) return
    if (this.#resyncReason !== null) this.#sendWholeState(this.#resyncReason)
    if (this.#isEnding && !this.#isBlocked) this.#endResponse(at)
  }

  #sendWholeState(reason: 'connected' | ResyncReason): void {
    this.#resyncReason = null
    if (reason !== 'connected') this.#host.telemetry.resyncs[reason] += 1
    this.#cursor = this.#host.log.last
    const session = this.#host.session()
    const json =
      reason === 'connected'
        ? this.#host.notice('session_updated', { session, reason })
        : this.#host.notice('state_sync_required', { session, reason })
    this.#write(eventFrame(this.#cursor, json))
  }

  #write(chunk: string | Buffer, at = this.#surroundings.clock.now()): void {
    this.#lastWriteAt = at
    // A client that has closed its side took the socket with it; `close` follows.
    if (!this.#sink.writable) return
    this.#expectTaken(at)
    if (!this.#sink.write(chunk)) this.#isBlocked = true
  }

  /** The connection closes once the reader has taken everything. */
  #endResponse(at: EpochMs): void {
    this.#expectTaken(at)
    this.#response.end()
  }

  /** The reader has something to take from now on, unless it already had. */
  #expectTaken(at: EpochMs): void {
    if (this.#sink.writableLength === 0) this.#untakenSince = at
  }

  /**
   * Whether the reader, or the kernel for it, has taken everything. An ended response that is still open has
   * something left.
   */
  #isTaken(): boolean {
    return this.#sink.writableLength === 0 && !this.#response.writableEnded
  }

  readonly #drained = (): void => {
    this.#isBlocked = false
    this.#send()
  }

  #closed(): void {
    this.#unfollow()
    this.#sink.off('drain', this.#drained)
    this.#host.telemetry.streamsClosed[this.#end] += 1
    this.#surroundings.beat.cancel(this)
    this.#surroundings.streams.delete(this)
    if (this.userId !== null) this.#host.reportStreams(this.userId)
  }

  /** Announces the longest interval between comments, so that clients can detect silence. */
  #heartbeatNotice(): string {
    return commentFrame(`heartbeat=${this.#pace().heartbeatMs}`)
  }

  #beatLater(): void {
    const now = this.#surroundings.clock.now()
    const heartbeatAt = this.#lastWriteAt + this.#pace().heartbeatMs
    const stalledAt = (this.#isTaken() ? now : this.#untakenSince) + STALL_MS_MAX
    const due = Math.min(this.#flushDueAt ?? heartbeatAt, heartbeatAt, stalledAt)
    if (!this.#response.destroyed) this.#surroundings.beat.callAfter(this, due - now)
  }

  /** The current pace of this participant's streams (contract section 5, "Mobile"). */
  #pace(): Pace {
    const { mobile } = this.#host.snapshot.context
    const profile = mobile.length === 0 ? undefined : mobile.find(({ userId }) => userId === this.userId)
    if (profile === undefined) return this.#surroundings.usualPace
    const batches = profile.batchesEvents || profile.adaptsToNetwork
    return { heartbeatMs: profile.heartbeatSeconds * 1_000, batchMs: batches ? BATCH_MS : 0 }
  }
}
