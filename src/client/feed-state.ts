import type { AnyEnvelope } from '../wire/events.js'
import { FrameError, SleptError } from './errors.js'
import { backoffMs, pause } from './pause.js'
import type { Waker } from './waker.js'
import { Watch } from './watch.js'

/** How the feed waits and gives up. All in milliseconds. */
export interface FeedTiming {
  /** A stream whose first byte has not come by then is held back by a proxy: poll instead. Default 5 s. */
  readonly firstByteMs: number
  /** A stream that says nothing for this long (heartbeats included) is dead. Default (`null`): three of the heartbeats that the stream announces, 5 s at least. */
  readonly silenceMs: number | null
  /** The first wait after a failure, before the server's `retry` says otherwise. Default 1 s. */
  readonly retryMs: number
  /** The longest wait, unless the server asks for more. Default 30 s. */
  readonly retryMaxMs: number
  /** How long to poll before a stream is tried again. Default 5 min. */
  readonly pollingMs: number
  /** An answer that has not come by then will not. Default 10 s. */
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

/** What became of a frame. `out_of_step`: it does not follow the one before it, a new connection is needed. `last`: nothing after it matters. */
export type Taking = 'taken' | 'last' | 'out_of_step'

export interface FeedOptions {
  readonly url: string
  readonly sessionId: string
  readonly token: string | null
  readonly timing: FeedTiming
  readonly fetcher: typeof fetch
  readonly signal: AbortSignal
  readonly waker: Waker
  /** The version that the reader has; asked before every connection. `null`: none. */
  readonly version: () => number | null
  /** How long between two heartbeats, where this participant has asked for others than usual. */
  readonly heartbeatMs: () => number | null
  /** Takes one frame (`null`: one that makes no sense); the next one waits for it. */
  readonly onFrame: (envelope: AnyEnvelope | null, isFirst: boolean) => Promise<Taking>
  /** The session is over, and its last event was missed; with the server's sentence about it. */
  readonly onGone: (message: string) => void
  /** How it is connected; said again whenever something was heard. */
  readonly onConnection: (connection: 'streaming' | 'polling' | 'waiting') => void
  /** There is no stream to be seen by. */
  readonly onPolling: () => void
  /** Why there is no connection now; `null`: there is one. */
  readonly onFailure: (failure: Error | null) => void
}

/** Whatever a server says, it is not asked more often. */
const RETRY_MS_MIN = 10

/** Where a feed is, from one connection to the next. */
export class FeedState {
  readonly #options: FeedOptions
  /** Connections that brought nothing, in a row. */
  #attempt = 0
  #retryMs: number
  #isOver = false
  /** Poll rather than stream until then, on the monotonic clock. */
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

  /** What the server asked for, instead of this client's own first wait. */
  setRetry(ms: number): void {
    this.#retryMs = Math.max(RETRY_MS_MIN, ms)
  }

  /** The next attempt is the first again. */
  hurry(): void {
    this.#attempt = 0
  }

  /** Whatever was in the way may be gone by now: most likely it is another network. */
  startAfresh(): void {
    this.hurry()
    this.pollUntil = 0
  }

  /**
   * Waits before the next attempt; a machine that slept meanwhile, or was woken, has waited enough.
   * @param askedMs - what the server asked for this time; `null`: longer after each failed attempt
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
   * Hands frames over in order, up to the last that matters.
   * @param frames - `null`: one that makes no sense
   * @throws {FrameError} for such a one, and for one that does not follow
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
