import type { Card } from '../../machines/deck.js'
import type { UserId } from '../../machines/ids.js'
import type { AnyEnvelope } from '../wire/events.js'
import type { RoundView, SessionView, StatisticsView } from '../wire/views.js'
import { checksumOf } from './checksum.js'
import { EventQueue } from './event-queue.js'
import { type FeedTiming, follow } from './feed.js'
import { type HttpRequest, requestJson } from './http.js'
import { reduce, wholeSession } from './reducer.js'

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

/**
 * One session, followed. `state` is the server's as of the newest event; every checksum on the way
 * is verified, and a state that differs is replaced by the server's.
 */
export class SessionClient {
  readonly seat: Seat | null
  readonly sessionId: string
  /** Settles when following has ended: the session is over, or `close` was called. Rejects with `MagnaPPError` when the server turned this client away for good. */
  readonly closed: Promise<void>
  readonly #options: SessionClientOptions
  readonly #abort = new AbortController()
  readonly #queues = new Set<EventQueue<AnyEnvelope>>()
  #state: SessionView | null
  #connection: Connection = 'waiting'
  #resyncs = 0

  constructor(options: SessionClientOptions) {
    const { signal } = options
    this.#options = options
    this.seat = options.seat
    this.sessionId = options.sessionId
    this.#state = options.state
    const abort = () => this.#abort.abort()
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    this.closed = this.#follow().finally(() => signal?.removeEventListener('abort', abort))
    // Whoever does not ask for the end need not handle it.
    this.closed.catch(() => {})
  }

  /** The session now; `null` until the first frame has come. */
  get state(): SessionView | null {
    return this.#state
  }

  get connection(): Connection {
    return this.#connection
  }

  /** How often a checksum differed and the state was fetched anew. */
  get resyncs(): number {
    return this.#resyncs
  }

  /**
   * Every frame from now on, in order, each after `state` has taken it in. Ends with the session, or
   * with `close`.
   * @throws {EventsOverflowError} for a reader that falls 1,024 frames behind; {@link MagnaPPError} like `closed`
   */
  events(): AsyncIterableIterator<AnyEnvelope> {
    const queue = new EventQueue<AnyEnvelope>((closed) => this.#queues.delete(closed))
    if (this.#connection === 'closed') queue.close()
    else this.#queues.add(queue)
    return queue
  }

  /** Stops following; the participant stays in the session. */
  async close(): Promise<void> {
    this.#abort.abort()
    await this.closed.catch(() => {})
  }

  // Commands. Each throws MagnaPPError with the contract's code when the server refuses.

  async start(): Promise<RoundView> {
    return (await this.#command<{ round: RoundView }>('/start')).round
  }

  async vote(card: Card): Promise<void> {
    await this.#command('/vote', { body: { vote: card } })
  }

  async reveal(): Promise<StatisticsView> {
    return (await this.#command<{ statistics: StatisticsView }>('/reveal')).statistics
  }

  async pause(): Promise<void> {
    await this.#command('/pause')
  }

  async resume(): Promise<void> {
    await this.#command('/resume')
  }

  /** @returns when the session expires unless somebody acts */
  async extend(): Promise<string> {
    return (await this.#command<{ expires_at: string }>('/extend')).expires_at
  }

  async transfer(to: string): Promise<void> {
    await this.#command(`/transfer?new_master_id=${encodeURIComponent(to)}`)
  }

  async kick(userId: string): Promise<void> {
    await this.#command(`/kick/${encodeURIComponent(userId)}`)
  }

  /** Leaves the session for good. */
  async leave(): Promise<void> {
    await this.#command('/leave')
    await this.close()
  }

  /** Ends the session for everybody. */
  async end(): Promise<void> {
    await this.#command('', { method: 'DELETE' })
  }

  async #command<Answer>(path: string, parts: HttpRequest = {}): Promise<Answer> {
    const { url, fetcher } = this.#options
    const token = this.seat?.userToken ?? null
    const signal = this.#abort.signal
    const address = `${url}/api/sessions/${this.sessionId}${path}`
    return requestJson<Answer>(address, { method: 'POST', token, signal, ...parts }, fetcher)
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
        version: () => this.#state?.state_version ?? null,
        onFrame: (frame) => this.#take(frame),
        onGone: () => {
          if (this.#state !== null) this.#state = { ...this.#state, status: 'ended' }
        },
        onConnection: (connection) => {
          this.#connection = connection
        },
      })
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error))
      throw error
    } finally {
      this.#connection = 'closed'
      for (const queue of this.#queues) queue.close(failure)
    }
  }

  async #take(frame: AnyEnvelope): Promise<void> {
    const whole = wholeSession(frame)
    const known = this.#state
    if (whole !== null) {
      this.#state = whole
    } else if (known !== null && frame.state_version > known.state_version) {
      const next = reduce(known, frame)
      const isNext = frame.state_version === known.state_version + 1
      if (isNext && (await isVerified(next, frame))) this.#state = next
      else await this.#resync()
    }
    for (const queue of this.#queues) queue.push(frame)
  }

  /** Takes the server's state; where that is not to be had now, the next connection brings it. */
  async #resync(): Promise<void> {
    const { url, fetcher } = this.#options
    const path = `${url}/api/sessions/${this.sessionId}`
    try {
      this.#state = await requestJson<SessionView>(path, { signal: this.#abort.signal }, fetcher)
    } catch {
      this.#state = null
    }
    this.#resyncs += 1
  }
}

/** Where a frame carries no checksum, or the platform computes none, there is nothing to differ. */
async function isVerified(session: SessionView, { state_checksum }: AnyEnvelope): Promise<boolean> {
  if (state_checksum === null) return true
  const own = await checksumOf(session)
  return own === null || own === state_checksum
}
