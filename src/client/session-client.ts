import type { Card } from '../../machines/card.js'
import type { UserId } from '../../machines/ids.js'
import type { AnyEnvelope } from '../wire/events.js'
import type { SessionView } from '../wire/views.js'
import { Ballot } from './ballot.js'
import { SessionCommands } from './commands.js'
import { endingIn } from './ending.js'
import { MagnaPPError } from './errors.js'
import { EventQueue } from './event-queue.js'
import type { FeedOptions, Taking } from './feed-state.js'
import { Lifeline } from './lifeline.js'
import { NO_VOTE, type OwnVote, type VoteOutcome } from './own-vote.js'
import { onReturn } from './page-life.js'
import { type Permissions, permissionsOf } from './permissions.js'
import { Replica } from './replica.js'
import type { Seat, SessionClientOptions } from './seat.js'
import { ServerTime } from './server-time.js'
import { SessionRequests } from './session-requests.js'
import { followTogether } from './shared-feed.js'
import { type ClientSnapshot, type Connection, type Ending, SnapshotStore } from './snapshot.js'
import { StoryBook } from './story-book.js'
import { Tabs } from './tabs.js'
import { Waker } from './waker.js'

const SECOND_MS = 1_000

/**
 * Follows one session. `state` is the server's as of the latest event; every checksum on the way is verified,
 * and a state that does not match is replaced by the server's.
 */
export class SessionClient {
  readonly seat: Seat | null
  readonly sessionId: string
  /** What the participant can do, one request per call. */
  readonly commands: SessionCommands
  /**
   * Settles with the ending when the session is no longer followed. Rejects with `MagnaPPError` when the
   * server refused this client for good.
   */
  readonly closed: Promise<Ending>
  readonly #options: SessionClientOptions
  readonly #abort = new AbortController()
  readonly #queues = new Set<EventQueue<AnyEnvelope>>()
  readonly #requests: SessionRequests
  readonly #replica: Replica
  readonly #lifeline: Lifeline
  readonly #waker = new Waker()
  readonly #serverTime = new ServerTime()
  readonly #tabs: Tabs | null
  /** A watcher has none. */
  readonly #ballot: Ballot | null
  readonly #storyBook: StoryBook
  readonly #store: SnapshotStore<ClientSnapshot>
  /** Known before the client has stopped following. */
  #ending: Ending | null = null

  constructor(options: SessionClientOptions) {
    const { url, sessionId, seat, timing, fetcher, signal, state, isShared } = options
    this.#options = options
    this.seat = seat
    this.sessionId = sessionId
    this.#requests = new SessionRequests({
      url,
      sessionId,
      token: seat?.userToken ?? null,
      fetcher,
      signal: this.#abort.signal,
      answerMs: timing.answerMs,
    })
    this.commands = new SessionCommands(this.#requests)
    this.#replica = new Replica(state, () => this.#requests.look())
    this.#lifeline = new Lifeline({
      heartbeat: (stopped) => this.#requests.heartbeat(stopped),
    })
    this.#store = new SnapshotStore<ClientSnapshot>({
      state,
      permissions: permissionsOf(state, seat?.userId ?? null),
      vote: NO_VOTE,
      stories: null,
      connection: 'waiting',
      failure: null,
      resyncs: 0,
      ending: null,
    })
    this.#storyBook = new StoryBook({
      list: () => this.commands.stories.list(),
      onChange: (stories) => this.#store.update({ ...this.#known(), stories }),
    })
    this.#tabs = isShared ? Tabs.of(url, sessionId, seat?.userId ?? null) : null
    this.#ballot = seat === null ? null : this.#ballotOf(seat.userId)
    this.#tabs?.listen((message) => this.#ballot?.hear(message))
    this.#ballot?.update({ state, isConnected: false })
    const abort = () => this.#abort.abort(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    const stopWaking = onReturn(() => this.wake())
    this.closed = this.#follow().finally(() => {
      signal?.removeEventListener('abort', abort)
      stopWaking()
      this.#waker.stop()
      this.#tabs?.close()
    })
    // A program that does not use `closed` need not handle its rejection.
    this.closed.catch(() => {})
  }

  /** Everything known now; the same object until something changes. */
  get snapshot(): ClientSnapshot {
    return this.#store.current
  }

  /** The session now; `null` until the first frame arrives. */
  get state(): SessionView | null {
    return this.snapshot.state
  }

  /** What this participant may do now, by the server's own rules. */
  get permissions(): Permissions {
    return this.snapshot.permissions
  }

  get connection(): Connection {
    return this.snapshot.connection
  }

  /** Why the session cannot be followed, now or for good; `null` while it is followed. */
  get failure(): Error | null {
    return this.snapshot.failure
  }

  /** How often a checksum did not match and the whole session was fetched. */
  get resyncs(): number {
    return this.snapshot.resyncs
  }

  /** What this participant has chosen in the current round, and its progress. */
  get ownVote(): OwnVote {
    return this.snapshot.vote
  }

  /** Keeps the session's stories in `snapshot.stories` from now on: read once, then kept current by the events. */
  followStories(): void {
    this.#storyBook.follow()
  }

  /** The server's time in milliseconds since 1970, for counting down to deadlines. */
  serverNow(): number {
    return this.#serverTime.now()
  }

  /**
   * Calls a listener synchronously with each new `snapshot`, but not with the current one. If a listener
   * throws, the error is reported as uncaught and affects nothing else.
   * @returns unsubscribes
   */
  subscribe(listener: (snapshot: ClientSnapshot) => void): () => void {
    return this.#store.subscribe(listener)
  }

  /**
   * Every frame from now on, each once and in order, after `state` includes it. Ends with the session, or
   * with `close`.
   * @throws {EventsOverflowError} for a reader that falls 1,024 frames behind; {@link MagnaPPError} like
   * `closed`
   */
  events(): AsyncIterableIterator<AnyEnvelope> {
    const queue = new EventQueue<AnyEnvelope>((closed) => this.#queues.delete(closed))
    if (this.connection === 'closed') queue.close(this.failure)
    else this.#queues.add(queue)
    return queue
  }

  /**
   * Chooses a card for the current round; `null` takes the choice back. The card is sent once, and waits
   * while there is no connection or the session is paused; the newest choice counts. Never rejects: `ownVote`
   * shows the progress.
   * @returns the outcome, once it is known
   */
  async vote(card: Card | null): Promise<VoteOutcome> {
    if (this.#ballot !== null) return this.#ballot.choose(card)
    return { type: 'withdrawn', card, reason: 'left', message: null }
  }

  /**
   * Reconnects at once, for a program that knows that its connection may be dead: after a sleep, or on
   * another network. In a browser the client notices the page's return by itself. Does nothing if something
   * was received within the last second; within a second of an attempt, it waits for that attempt.
   */
  wake(): void {
    this.#waker.wake()
    this.#lifeline.nudge()
  }

  /** Stops following and ends what is under way; the participant stays in the session. */
  async close(): Promise<void> {
    this.#abort.abort()
    await this.closed.catch(() => {})
  }

  /**
   * Leaves the session for good and stops following.
   * @throws what a command throws; then nothing has changed
   */
  async leave(): Promise<void> {
    await this.commands.leave()
    this.#ending ??= { reason: 'left', message: null }
    await this.close()
  }

  async #follow(): Promise<Ending> {
    let failure: Error | null = null
    try {
      await followTogether(this.#feedOptions(), this.#tabs)
      return this.#ending ?? { reason: 'closed', message: null }
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error))
      this.#ending ??= { reason: 'refused', message: failure.message }
      throw error
    } finally {
      await this.#lifeline.stop()
      this.#ballot?.update({ state: this.#replica.state, isConnected: false })
      this.#ballot?.close(reasonOf(failure))
      this.#storyBook.close()
      this.#store.update({
        ...this.#known(),
        connection: 'closed',
        failure,
        ending: this.#ending ?? { reason: 'closed', message: null },
      })
      for (const queue of this.#queues) queue.close(failure)
    }
  }

  #feedOptions(): FeedOptions {
    const { url, sessionId, seat, timing, fetcher } = this.#options
    return {
      url,
      sessionId,
      token: seat?.userToken ?? null,
      timing,
      fetcher,
      signal: this.#abort.signal,
      waker: this.#waker,
      version: () => this.#replica.version,
      heartbeatMs: () => this.#heartbeatMs(),
      onFrame: (frame, isFirst) => this.#take(frame, isFirst),
      onGone: (message) => {
        this.#replica.end()
        this.#ending ??= { reason: 'missed', message }
      },
      onConnection: (connection) => this.#connect(connection),
      onPolling: () => {
        if (seat !== null) this.#lifeline.start()
      },
      onFailure: (failure) => this.#store.update({ failure }),
    }
  }

  #connect(connection: Connection): void {
    this.#ballot?.update({ state: this.#replica.state, isConnected: connection !== 'waiting' })
    this.#store.update({ connection })
  }

  async #take(frame: AnyEnvelope | null, isFirst: boolean): Promise<Taking> {
    const taken = await this.#replica.take(frame, isFirst)
    if (taken === 'out_of_step' || frame === null) {
      this.#store.update(this.#known())
      return 'out_of_step'
    }
    this.#serverTime.heard(frame.timestamp)
    if (taken === 'news') {
      this.#ballot?.take(frame, { state: this.#replica.state, isConnected: true })
      this.#storyBook.take(frame, this.#replica.state)
    }
    this.#store.update(this.#known())
    const userId = this.seat?.userId ?? null
    if (taken === 'news') {
      if (frame.type === 'user_disconnected' && frame.data.user_id === userId) this.#lifeline.nudge()
      for (const queue of this.#queues) queue.push(frame)
    }
    this.#ending ??= endingIn(frame, userId)
    return this.#ending === null ? 'taken' : 'last'
  }

  #ballotOf(userId: UserId): Ballot {
    return new Ballot({
      userId,
      send: (vote, key) => this.#requests.vote(vote, key),
      look: () => this.#requests.look(),
      reconnect: () => this.commands.reconnect(),
      wake: () => this.wake(),
      tell: (message) => this.#tabs?.tell(message),
      serverNow: () => this.serverNow(),
      onChange: (vote) => this.#store.update({ ...this.#known(), vote }),
    })
  }

  /** The replica's state, and what follows from it. */
  #known(): Pick<ClientSnapshot, 'state' | 'permissions' | 'resyncs'> {
    const { state, resyncs } = this.#replica
    const isSame = state === this.state
    const permissions = isSame ? this.permissions : permissionsOf(state, this.seat?.userId ?? null)
    return { state, permissions, resyncs }
  }

  /** The heartbeat interval of a phone's streams, if it has its own. */
  #heartbeatMs(): number | null {
    const { seat, state } = this
    const profile = seat === null ? undefined : state?.mobile_optimizations[seat.userId]
    return profile === undefined ? null : profile.sse_heartbeat_interval * SECOND_MS
  }
}

/** Why a card that is still waiting when following ends will not be cast. */
function reasonOf(failure: Error | null): 'closed' | 'left' | 'session_over' {
  if (!(failure instanceof MagnaPPError)) return 'closed'
  return failure.code === 'SESSION_NOT_FOUND' ? 'session_over' : 'left'
}
