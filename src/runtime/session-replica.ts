import { type AnyActorRef, createActor } from 'xstate'
import type { SessionId } from '../../machines/ids.js'
import type { SessionCommand, SessionCommandOf } from '../../machines/session/commands.js'
import type { SessionEvent } from '../../machines/session/events.js'
import { brokenInvariant } from '../../machines/session/invariants.js'
import {
  type SessionActor,
  type SessionMachine,
  type SessionSnapshot,
  statusOf,
} from '../../machines/session/machine.js'
import { refusal } from '../../machines/session/policy.js'
import { isServed, semanticsOf } from '../../machines/session/semantics.js'
import { firedUntil, nextTimer } from '../../machines/session/timers.js'
import { stateDigest } from '../sync/state-digest.js'
import type { After } from '../wire/events/record.js'
import type { Follower } from './command-log.js'
import { CorruptionError } from './corruption.js'
import { Credentials } from './credentials.js'
import { EventLog } from './event-log.js'
import { type Mark, Marks } from './marks.js'
import type { Outcome } from './outcome.js'
import {
  type Birth,
  isPersisted,
  OtherRelease,
  PERSISTED_SHAPE,
  type PersistedSession,
} from './persisted-session.js'
import { type Projection, Publication } from './publication.js'
import type { OnActor } from './running-actor.js'

/**
 * Nothing fires by itself: the host's alarm fires what is due, as part of the log. XState would still
 * record every timer of every actor under a name of its own, at 2 KiB per session and some time per step.
 */
const NO_SCHEDULER = { schedule: () => {}, cancel: () => {}, cancelAll: () => {} }

const REPEATED: Outcome = { type: 'repeated' }

/** If one tick fires more timers than this, they set each other off. */
const FIRED_MAX = 1_000

export type Failure = Extract<Outcome, { type: 'failed' }>

export interface ReplicaOptions {
  readonly machine: SessionMachine
  /** Events kept for replay. */
  readonly eventLogSize: number
  readonly onActor?: OnActor | undefined
}

/** Is told what becomes of a replica's commands. */
export interface ReplicaWatcher {
  /** A step now counts; these are its events, if it has any. */
  stepped(events: readonly SessionEvent[]): void
  /**
   * The actor threw, or its state broke an invariant or could not be projected; it is stopped until
   * {@link SessionReplica.restart}.
   */
  failed(failure: Failure): void
}

/**
 * One session as its log makes it: its actor, the frames of its events, its participants' digests. It depends
 * on the entries alone: whoever applies the same entries gets the same session, and one persisted at some
 * entry continues with the next. All of a step is projected before any of it counts; if anything throws on
 * the way, the previous state stands.
 */
export class SessionReplica implements Follower {
  readonly birth: Birth
  readonly credentials = new Credentials()
  readonly log: EventLog
  readonly marks: Marks
  readonly #options: ReplicaOptions
  #watcher: ReplicaWatcher = {
    stepped: () => {},
    failed: ({ error }) => {
      const isHopeless = error instanceof CorruptionError && error.kind === 'restored_differently'
      if (!isHopeless) this.restart()
    },
  }
  #publication = new Publication()
  #actor: SessionActor
  /** The newest state that is valid and fully published. */
  #good: SessionSnapshot
  #thrown: unknown = null
  #failure: Failure | null = null

  /**
   * @param from - its first entry, or what {@link persisted} returned at a later one
   * @throws {OtherRelease} when this release does not support its semantics
   */
  constructor(from: Birth | PersistedSession, options: ReplicaOptions) {
    this.#options = options
    const { machine, eventLogSize } = options
    this.marks = new Marks(isPersisted(from) ? from.marks : [])
    if (isPersisted(from)) {
      this.birth = served(from.birth)
      this.#actor = this.#started(createActor(machine, { input: from.birth.input, snapshot: from.actor }))
      for (const [userId, digest] of from.credentials) this.credentials.set(userId, digest)
    } else {
      this.birth = served(from)
      this.#actor = this.#started(createActor(machine, { input: from.input }))
      this.credentials.set(from.input.creator.id, from.input.tokenDigest)
    }
    this.#good = this.#actor.getSnapshot()
    if (this.#good.status === 'error') throw this.#thrown
    this.log = new EventLog(eventLogSize, this.#good.context.version)
  }

  get id(): SessionId {
    return this.birth.input.id
  }

  /** The newest good state. */
  get snapshot(): SessionSnapshot {
    return this.#good
  }

  get hasEnded(): boolean {
    return this.#good.status === 'done'
  }

  /** Why the actor is stopped; `null`: it is not. */
  get failure(): Failure | null {
    return this.#failure
  }

  /** The newest good state with its checksum. */
  after(): After {
    return this.#publication.after(this.#good)
  }

  /** Until somebody watches, an entry that fails is skipped, as it is wherever it fails. */
  watch(watcher: ReplicaWatcher): void {
    this.#watcher = watcher
  }

  apply(command: SessionCommand, mark?: Mark): Outcome {
    const outcome =
      this.refuses(command, mark) ?? (command.type === 'tick' ? this.#tick(command) : this.#step(command))
    if (outcome.type === 'done') {
      this.#seat(command)
      if (mark !== undefined) this.marks.keep(mark, command)
    }
    return outcome
  }

  refuses(command: SessionCommand, mark?: Mark): Outcome | null {
    if (this.#failure !== null) return this.#failure
    if (mark !== undefined && this.marks.find(mark.id, command.at) !== null) return REPEATED
    const refused = refusal({ status: statusOf(this.#good), context: this.#good.context }, command)
    return refused === null ? null : { type: 'refused', refusal: refused }
  }

  persisted(): PersistedSession {
    return {
      shape: PERSISTED_SHAPE,
      birth: this.birth,
      actor: this.#options.machine.getPersistedSnapshot(this.#good),
      credentials: this.credentials.entries(),
      marks: this.marks.all,
    }
  }

  /**
   * A new actor takes over from the last good state.
   * @returns whether it runs; `false`: it failed again
   */
  restart(): boolean {
    const { machine } = this.#options
    this.#publication = new Publication()
    const snapshot = machine.getPersistedSnapshot(this.#good)
    this.#actor = this.#started(createActor(machine, { input: this.birth.input, snapshot }))
    this.#failure = null
    if (stateDigest(this.#actor.getSnapshot()) !== stateDigest(this.#good)) {
      this.#failed(new CorruptionError('restored_differently', 'the restored state has a different digest'))
      return false
    }
    this.#good = this.#actor.getSnapshot()
    return true
  }

  stop(): void {
    this.#actor.stop()
  }

  /** Whoever took a seat is recognised by their token from now on. */
  #seat(command: SessionCommand): void {
    if (command.type === 'participant.join') this.credentials.set(command.userId, command.tokenDigest)
    if (command.type === 'seat.take') this.credentials.set(command.by, command.tokenDigest)
  }

  /** Fires everything that is due, each timer as a step of its own at its own time. */
  #tick(tick: SessionCommandOf<'tick'>): Outcome {
    const until = firedUntil(tick)
    for (let fired = 0; ; fired += 1) {
      const timer = nextTimer(this.#good)
      if (timer === null || timer.dueAt > until) break
      if (fired === FIRED_MAX)
        return this.#failed(new CorruptionError('endless_timers', 'timers set each other off'))
      const outcome = this.#step(timer.event)
      if (outcome.type !== 'done') return outcome
    }
    return this.hasEnded ? { type: 'done', before: this.#good, after: this.after() } : this.#step(tick)
  }

  /** Sends the actor one event. All that comes of it is made before any of it counts. */
  #step(event: SessionCommand | { readonly type: string }): Outcome {
    const before = this.#good
    // Delayed transitions have events of their own, which the chart's types do not include.
    const actor: AnyActorRef = this.#actor
    actor.send(event)
    const snapshot = this.#actor.getSnapshot()
    if (snapshot.status === 'error') return this.#failed(this.#thrown)
    const broken = brokenInvariant(snapshot.context)
    if (broken !== null) return this.#failed(new CorruptionError('broken_invariant', broken))
    let projection: Projection
    try {
      projection = this.#publication.project(snapshot, this.log.last)
    } catch (error) {
      return this.#failed(error)
    }
    this.#commit(snapshot, projection)
    return { type: 'done', before, after: projection.after }
  }

  #commit(snapshot: SessionSnapshot, { events, logged }: Projection): void {
    this.#good = snapshot
    for (const event of logged) this.log.append(event)
    if (snapshot.context.version !== this.log.last) this.log.skipTo(snapshot.context.version)
    for (const event of events) {
      if (event.type !== 'user_left') continue
      this.credentials.delete(event.userId)
      this.marks.forget(event.userId)
    }
    this.#watcher.stepped(events)
  }

  /** Stops the actor and reports why. */
  #failed(error: unknown): Failure {
    const fault = error instanceof CorruptionError ? 'STATE_CORRUPTION' : 'INTERNAL_SERVER_ERROR'
    const failure = { type: 'failed', fault, error } as const
    this.#failure = failure
    this.#actor.stop()
    this.#watcher.failed(failure)
    return failure
  }

  #started(actor: SessionActor): SessionActor {
    actor.subscribe({
      error: (error) => {
        this.#thrown = error
      },
    })
    this.#options.onActor?.({ kind: 'session', id: this.id, actor })
    actor.system.scheduler = NO_SCHEDULER
    actor.start()
    return actor
  }
}

function served(birth: Birth): Birth {
  if (isServed(birth.input)) return birth
  throw new OtherRelease(`this release does not serve semantics ${semanticsOf(birth.input)}`)
}
