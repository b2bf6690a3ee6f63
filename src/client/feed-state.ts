import type { AnyEnvelope } from '../wire/events.js'
import { FrameError, SleptError } from './errors.js'
import { backoffMs, pause } from './pause.js'
import type { Waker } from './waker.js'
import { Watch } from './watch.js'

/** How long the feed waits before it gives up. All in milliseconds. */
export interface FeedTiming {
  /** A stream whose first byte has not arrived by then is being buffered by a proxy: poll instead. Default 5 s. */
  readonly firstByteMs: number
  /**
   * A stream that is silent for this long, heartbeats included, is dead. Default (`null`): three of the
   * heartbeats that the stream announces, at least 5 s.
   */
  readonly silenceMs: number | null
  /** The first wait after a failure, before the server's `retry` says otherwise. Default 1 s. */
  readonly retryMs: number
  /** The longest wait, unless the server asks for more. Default 30 s. */
  readonly retryMaxMs: number
  /** How long to poll before a stream is tried again. Default 5 min. */
  readonly pollingMs: number
  /** How long to wait for an answer. Default 10 s. */
  readonly answerMs: number
}

export const DEFAULT_TIMING: FeedTiming = {
  firstByteMs: 5_000,
  silenceMs: null,
  retryMs: 1_000,
  retryMaxMs: 30_000,
  pollingMs: 300_000,
  answerMs: 10_000,
}

/**
 * The result of handling a frame. `out_of_step`: it does not follow the one before it, so a new connection is
 * needed. `last`: nothing after it matters.
 */
export type Taking = 'taken' | 'last' | 'out_of_step'

export interface FeedOptions {
  readonly url: string
  readonly sessionId: string
  readonly token: string | null
  readonly timing: FeedTiming
  readonly fetcher: typeof fetch
  readonly signal: AbortSignal
  readonly waker: Waker
  /** The version that the reader has, read before every connection. `null`: none. */
  readonly version: () => number | null
  /** The heartbeat interval, if this participant has asked for a special one. */
  readonly heartbeatMs: () => number | null
  /** Handles one frame (`null`: one that cannot be parsed); the next one waits for it. */
  readonly onFrame: (envelope: AnyEnvelope | null, isFirst: boolean) => Promise<Taking>
  /** The session is over and its last event was missed; with the server's explanation. */
  readonly onGone: (message: string) => void
  /** How it is connected; repeated whenever something was received. */
  readonly onConnection: (connection: 'streaming' | 'polling' | 'waiting') => void
  /** Polling has begun, so no stream keeps the participant present. */
  readonly onPolling: () => void
  /** Why there is no connection now; `null`: there is one. */
  readonly onFailure: (failure: Error | null) => void
}

/** The shortest wait, whatever the server says. */
const RETRY_MS_MIN = 10

/** The state of a feed from one connection to the next. */
export class FeedState {
  readonly #options: FeedOptions
  /** Consecutive connections that brought nothing. */
  #attempt = 0
  #retryMs: number
  #isOver = false
  /** Poll instead of streaming until then, on the monotonic clock. */
  pollUntil = 0

  constructor(options: FeedOptions) {
    this.#options = options
    this.#retryMs = options.timing.retryMs
  }

  get isOver(): boolean {
    return this.#isOver || this.#options.signal.aborted
  }

  get isPolling(): boolean {
    return performance.now() < this.pollUntil
  }

  end(): void {
    this.#isOver = true
  }

  /** The wait that the server asked for, instead of this client's own first one. */
  setRetry(ms: number): void {
    this.#retryMs = Math.max(RETRY_MS_MIN, ms)
  }

  /** Treats the next attempt as the first again. */
  hurry(): void {
    this.#attempt = 0
  }

  /** Whatever was in the way may be gone: most likely this is a different network. */
  startAfresh(): void {
    this.hurry()
    this.pollUntil = 0
  }

  /**
   * Waits before the next attempt; a sleep of the machine or a wake-up ends the wait.
   * @param askedMs - the wait that the server asked for this time; `null`: longer after each failed attempt
   */
  async wait(askedMs: number | null = null): Promise<void> {
    if (this.isOver) return
    const { signal, waker, timing, onConnection } = this.#options
    const ownMs = backoffMs(this.#attempt, this.#retryMs, timing.retryMaxMs)
    this.#attempt += 1
    onConnection('waiting')
    const work = waker.begin('wait', signal)
    const watch = new Watch(work.signal, () => Number.POSITIVE_INFINITY)
    await pause(askedMs === null ? ownMs : Math.max(RETRY_MS_MIN, askedMs), watch.signal)
    if (watch.signal.reason instanceof SleptError) this.startAfresh()
    else if (watch.signal.aborted) this.hurry()
    watch.close()
    work.end()
  }

  /**
   * Hands frames over in order, up to the last one that matters.
   * @param frames - `null`: one that cannot be parsed
   * @throws {FrameError} for such a frame, and for one that does not follow
   */
  async take(frames: readonly (AnyEnvelope | null)[], isFirst: boolean): Promise<void> {
    for (const [index, frame] of frames.entries()) {
      if (this.isOver) return
      const taking = await this.#options.onFrame(frame, isFirst && index === 0)
      if (taking === 'out_of_step')
        throw new FrameError('a frame makes no sense, or does not follow the one before it')
      this.#attempt = 0
      if (taking === 'last') this.end()
    }
  }
}
