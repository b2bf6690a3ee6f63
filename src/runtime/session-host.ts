import { createActor, transition } from 'xstate'
import type { SessionId, Version } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import type { SessionInput } from '../../machines/session/context.js'
import type { SessionEvent } from '../../machines/session/events.js'
import { brokenInvariant } from '../../machines/session/invariants.js'
import {
  type SessionActor,
  type SessionMachine,
  type SessionSnapshot,
  statusOf,
} from '../../machines/session/machine.js'
import { type Refusal, refusal } from '../../machines/session/policy.js'
import { StateChecksums, stateChecksum } from '../sync/checksum.js'
import { ERRORS } from '../wire/errors.js'
import type { EventData, EventType } from '../wire/events.js'
import { publicSession, publicState } from '../wire/project.js'
import type { ServerStateView, SessionView } from '../wire/views.js'
import { Credentials } from './credentials.js'
import { loggedEvent, noticeJson } from './envelopes.js'
import { EventLog } from './event-log.js'
import { Presence } from './presence.js'
import { Readers } from './readers.js'
import type { OnActor } from './running-actor.js'
import type { StreamEnd, Telemetry } from './telemetry.js'
import type { Turn } from './turn.js'

/** Why the runtime, not the session's rules, could not carry a command out. */
export type Fault = 'INTERNAL_SERVER_ERROR' | 'STATE_CORRUPTION'

/** What became of a command. */
export type Outcome =
  | { readonly type: 'done'; readonly snapshot: SessionSnapshot; readonly events: readonly SessionEvent[] }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | { readonly type: 'failed'; readonly fault: Fault }

export interface HostOptions {
  readonly machine: SessionMachine
  readonly clock: Clock
  /** Events kept for replay. */
  readonly eventLogSize: number
  /** A participant whose streams are all closed is away after this long, in milliseconds. */
  readonly debounceMs: number
  readonly telemetry: Telemetry
  readonly turn: Turn
  readonly onEnded: (host: SessionHost) => void
  /** The actor threw, or its state broke an invariant; it stands still until {@link SessionHost.restart}. */
  readonly onFailed: (host: SessionHost, fault: Fault, error: unknown) => void
  readonly onActor?: OnActor | undefined
}

/**
 * One session's actor with everything around it: commands go in, numbered events come out and are
 * frozen in the log, readers follow the log. All of it is synchronous, so commands have one order.
 */
export class SessionHost {
  readonly id: SessionId
  readonly credentials = new Credentials()
  readonly readers: Readers
  readonly telemetry: Telemetry
  readonly presence: Presence
  readonly log: EventLog
  readonly #input: SessionInput
  readonly #options: HostOptions
  /** The actor's timers, each run as a step of its own. */
  readonly #timers: Clock
  #actor: SessionActor
  /** The newest snapshot whose invariants hold. */
  #good: SessionSnapshot
  #thrown: unknown = null
  /** Why the actor stands still; `null`: it does not. */
  #fault: Fault | null = null
  #isGivenUp = false
  readonly #checksums = new StateChecksums()
  #checksum: { readonly version: Version; readonly value: string } | null = null

  constructor(input: SessionInput, options: HostOptions) {
    const { clock, onActor } = options
    this.id = input.id
    this.#input = input
    this.#options = options
    this.#timers = {
      now: () => clock.now(),
      setTimeout: (callback, timeoutMs) => clock.setTimeout(() => this.#step(callback), timeoutMs),
      clearTimeout: (id) => clock.clearTimeout(id),
    }
    this.telemetry = options.telemetry
    this.readers = new Readers(options.telemetry, options.turn)
    this.log = new EventLog(options.eventLogSize)
    this.presence = new Presence(clock, options.debounceMs, {
      lost: (userId) => this.execute({ type: 'presence.lost', at: clock.now(), userId }),
      restored: (userId) => this.execute({ type: 'presence.restored', at: clock.now(), userId }),
      cutStreams: (userId) => this.readers.endOf(userId, 'lease_lapsed'),
      made: (id, actor) => onActor?.({ kind: 'presence', id, sessionId: input.id, actor }),
    })
    this.#actor = this.#started(createActor(options.machine, { input, clock: this.#timers }))
    this.#good = this.#actor.getSnapshot()
  }

  /** The newest good state. */
  get snapshot(): SessionSnapshot {
    return this.#good
  }

  get hasEnded(): boolean {
    return this.#good.status === 'done'
  }

  /** Of the public state (contract section 7); computed when somebody asks, once a version. */
  checksum(): string {
    const { version } = this.#good.context
    if (this.#checksum?.version !== version) {
      this.#checksum = { version, value: this.#checksums.of(this.#good) }
    }
    return this.#checksum.value
  }

  session(): SessionView {
    return publicSession(this.#good, this.checksum())
  }

  serverState(): ServerStateView {
    return { ...publicState(this.#good), state_checksum: this.checksum() }
  }

  /** Carries a command out, or says why not. A refused command changes nothing. */
  execute(command: SessionCommand): Outcome {
    const refused = refusal({ status: statusOf(this.#good), context: this.#good.context }, command)
    if (refused !== null) {
      this.telemetry.commands.refused += 1
      return { type: 'refused', refusal: refused }
    }
    const before = this.log.last
    const fault = this.#step(() => this.#actor.send(command))
    if (fault !== null) {
      this.telemetry.commands.failed += 1
      return { type: 'failed', fault }
    }
    this.telemetry.commands.done += 1
    const events = this.#good.context.events.filter((event) => event.version > before)
    return { type: 'done', snapshot: this.#good, events }
  }

  /** The version that a command would lead to; nothing happens. */
  versionAfter(command: SessionCommand): Version {
    const [next] = transition(this.#options.machine, this.#good, command)
    return next.context.version
  }

  /** Sets every running timer anew from its absolute deadline. */
  rearm(): void {
    this.execute({ type: 'timers.rearm', at: this.#options.clock.now() })
  }

  /**
   * A new actor takes over from the last good snapshot. Its versions go on from there, its readers
   * are told and get the whole state.
   * @returns whether it runs; `false`: it failed again
   */
  restart(): boolean {
    const fault = this.#fault ?? 'INTERNAL_SERVER_ERROR'
    const { machine } = this.#options
    const snapshot = machine.getPersistedSnapshot(this.#good)
    this.#actor = this.#started(createActor(machine, { input: this.#input, snapshot, clock: this.#timers }))
    this.#fault = null
    if (stateChecksum(publicState(this.#actor.getSnapshot())) !== this.checksum()) {
      this.#fail('STATE_CORRUPTION', new Error('the restored state has another checksum'))
      return false
    }
    this.rearm()
    const { message, recoveryActions } = ERRORS[fault]
    const recovery_actions = [...recoveryActions]
    this.notify('error_recovery_needed', { error_code: fault, message, recovery_actions })
    this.readers.resync('session_restarted')
    return this.#fault === null
  }

  /** Ends a session that failed too often. An actor that cannot even do that leaves its streams closed without a word. */
  giveUp(): void {
    this.#isGivenUp = true
    this.restart()
    this.execute({ type: 'session.terminate', at: this.#options.clock.now(), reason: 'failed' })
    if (!this.hasEnded) this.#close()
  }

  /** Timers stop, readers end. */
  stop(reason: StreamEnd = 'shutdown'): void {
    this.#actor.stop()
    this.presence.stop()
    this.readers.endAll(reason)
  }

  /** The envelope of a frame that is no event, about the newest state. */
  notice<Type extends EventType>(type: Type, data: EventData<Type>): string {
    return noticeJson(type, data, this.#after(), this.#options.clock.now())
  }

  /** Sends every reader a notice. */
  notify<Type extends EventType>(type: Type, data: EventData<Type>): void {
    this.readers.notify(this.notice(type, data))
  }

  /** Lets the actor do one thing, then publishes what came of it. */
  #step(act: () => void): Fault | null {
    if (this.#fault !== null) return this.#fault
    const since = this.telemetry.now()
    act()
    const snapshot = this.#actor.getSnapshot()
    if (snapshot.status === 'error') return this.#fail('INTERNAL_SERVER_ERROR', this.#thrown)
    const broken = brokenInvariant(snapshot.context)
    if (broken !== null) return this.#fail('STATE_CORRUPTION', new Error(broken))
    this.#good = snapshot
    this.#publish(since)
    if (this.hasEnded) this.#close()
    return null
  }

  #publish(since: number): void {
    const after = this.#after()
    const before = this.log.last
    const { events } = this.#good.context
    for (const event of events) {
      if (event.version <= this.log.last) continue
      this.log.append(loggedEvent(event, after, event === events.at(-1)))
      this.#follow(event)
    }
    if (this.log.last === before) return
    this.telemetry.eventsPublished += this.log.last - before
    this.readers.flushSoon(since)
  }

  /** What an event means for those who hold something of its participant. */
  #follow(event: SessionEvent): void {
    if (event.type === 'mobile_optimization_applied') this.readers.profileChanged(event.userId)
    if (event.type !== 'user_left') return
    this.credentials.delete(event.userId)
    this.presence.forget(event.userId)
    this.readers.endOf(event.userId, 'participant_left')
  }

  #after() {
    return { snapshot: this.#good, checksum: () => this.checksum() }
  }

  #fail(fault: Fault, error: unknown): Fault {
    this.#fault = fault
    this.#actor.stop()
    if (!this.#isGivenUp) this.#options.onFailed(this, fault, error)
    return fault
  }

  #close(): void {
    this.stop('session_ended')
    this.#options.onEnded(this)
  }

  #started(actor: SessionActor): SessionActor {
    actor.subscribe({
      error: (error) => {
        this.#thrown = error
      },
    })
    this.#options.onActor?.({ kind: 'session', id: this.id, actor })
    actor.start()
    return actor
  }
}
