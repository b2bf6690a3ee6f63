import type { UserId } from '../../machines/ids.js'
import type { AnyEnvelope } from '../wire/events.js'
import type { SessionView } from '../wire/views.js'
import { SessionCommands } from './commands.js'
import { EventQueue } from './event-queue.js'
import { follow } from './feed.js'
import type { FeedTiming } from './feed-state.js'
import { Lifeline } from './lifeline.js'
import { Replica } from './replica.js'

/** Who a client acts as; keep it to come back after a reload. */
export interface Seat {
  readonly sessionId: string
  readonly userId: UserId
  readonly userToken: string
}

export interface SessionClientOptions {
  readonly url: string
  readonly sessionId: string
  /** `null`: a watcher, who has no commands. */
  readonly seat: Seat | null
  readonly timing: FeedTiming
  readonly fetcher: typeof fetch
  readonly signal: AbortSignal | undefined
  /** The state to begin with; without one the first frame brings it. */
  readonly state: SessionView | null
}

export type Connection = 'streaming' | 'polling' | 'waiting' | 'closed'

const SECOND_MS = 1_000

/**
 * One session, followed. `state` is the server's as of the newest event; every checksum on the way
 * is verified, and a state that differs is replaced by the server's.
 */
export class SessionClient extends SessionCommands {
  readonly seat: Seat | null
  readonly sessionId: string
  /** Settles when following has ended: the session is over, or `close` was called. Rejects with `MagnaPPError` when the server turned this client away for good. */
  readonly closed: Promise<void>
  readonly #options: SessionClientOptions
  readonly #abort: AbortController
  readonly #queues = new Set<EventQueue<AnyEnvelope>>()
  readonly #replica: Replica
  readonly #lifeline: Lifeline
  #connection: Connection = 'waiting'
  #failure: Error | null = null

  constructor(options: SessionClientOptions) {
    const { url, sessionId, seat, timing, fetcher, signal, state } = options
    const controller = new AbortController()
    const token = seat?.userToken ?? null
    super({ url, sessionId, token, fetcher, signal: controller.signal, answerMs: timing.answerMs })
    this.#options = options
    this.#abort = controller
    this.seat = seat
    this.sessionId = sessionId
    this.#replica = new Replica(state, () => this.command('', { method: 'GET' }))
    this.#lifeline = new Lifeline({
      heartbeat: (stopped) => this.mobile('/heartbeat', { method: 'GET' }, stopped),
      reconnect: (stopped) => this.command('/reconnect', {}, stopped),
    })
    const abort = () => controller.abort(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    this.closed = this.#follow().finally(() => signal?.removeEventListener('abort', abort))
    // Whoever does not ask for the end need not handle it.
    this.closed.catch(() => {})
  }

  /** The session now; `null` until the first frame has come. */
  get state(): SessionView | null {
    return this.#replica.state
  }

  get connection(): Connection {
    return this.#connection
  }

  /** Why the session cannot be followed just now, or any more; `null` while it is. */
  get failure(): Error | null {
    return this.#failure
  }

  /** How often a checksum differed and the state was fetched anew. */
  get resyncs(): number {
    return this.#replica.resyncs
  }

  /**
   * Every frame from now on, once and in order, each after `state` has taken it in. Ends with the
   * session, or with `close`.
   * @throws {EventsOverflowError} for a reader that falls 1,024 frames behind; {@link MagnaPPError} like `closed`
   */
  events(): AsyncIterableIterator<AnyEnvelope> {
    const queue = new EventQueue<AnyEnvelope>((closed) => this.#queues.delete(closed))
    if (this.#connection === 'closed') queue.close(this.#failure)
    else this.#queues.add(queue)
    return queue
  }

  /** Stops following; the participant stays in the session. */
  async close(): Promise<void> {
    this.#abort.abort()
    await this.closed.catch(() => {})
  }

  /** Leaves the session for good, and stops following. */
  override async leave(): Promise<void> {
    await super.leave()
    await this.close()
  }

  async #follow(): Promise<void> {
    const { url, sessionId, seat, timing, fetcher } = this.#options
    let failure: Error | null = null
    try {
      await follow({
        url,
        sessionId,
        token: seat?.userToken ?? null,
        timing,
        fetcher,
        signal: this.#abort.signal,
        version: () => this.#replica.version,
        heartbeatMs: () => this.#heartbeatMs(),
        onFrame: (frame, isFirst) => this.#take(frame, isFirst),
        onGone: () => this.#replica.end(),
        onConnection: (connection) => this.#connect(connection),
        onFailure: (newest) => {
          this.#failure = newest
        },
      })
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error))
      throw error
    } finally {
      await this.#lifeline.stop()
      this.#failure = failure
      this.#connection = 'closed'
      for (const queue of this.#queues) queue.close(failure)
    }
  }

  #connect(connection: Connection): void {
    this.#connection = connection
    if (connection === 'polling' && this.seat !== null) this.#lifeline.start()
  }

  async #take(frame: AnyEnvelope | null, isFirst: boolean): Promise<boolean> {
    const taken = await this.#replica.take(frame, isFirst)
    if (taken === 'news' && frame !== null) {
      if (frame.type === 'user_disconnected' && frame.data.user_id === this.seat?.userId)
        this.#lifeline.nudge()
      for (const queue of this.#queues) queue.push(frame)
    }
    return taken !== 'out_of_step'
  }

  /** A phone's streams are served with another interval. */
  #heartbeatMs(): number | null {
    const { seat, state } = this
    const profile = seat === null ? undefined : state?.mobile_optimizations[seat.userId]
    return profile === undefined ? null : profile.sse_heartbeat_interval * SECOND_MS
  }
}
