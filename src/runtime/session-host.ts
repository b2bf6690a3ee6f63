import { type AnyActorRef, createActor } from 'xstate'
import type { EpochMs, NodeId, SessionId, UserId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import { participantOf, type SessionInput } from '../../machines/session/context.js'
import type { SessionEvent } from '../../machines/session/events.js'
import { brokenInvariant } from '../../machines/session/invariants.js'
import {
  type SessionActor,
  type SessionMachine,
  type SessionSnapshot,
  statusOf,
} from '../../machines/session/machine.js'
import { refusal } from '../../machines/session/policy.js'
import { isSignWanted } from '../../machines/session/presence.js'
import { nextTimer } from '../../machines/session/timers.js'
import { stateDigest } from '../sync/state-digest.js'
import { ERRORS } from '../wire/errors.js'
import type { CorruptionReportView } from '../wire/events/notices.js'
import type { After } from '../wire/events/record.js'
import type { EventData, EventType } from '../wire/events.js'
import { publicSession } from '../wire/project.js'
import type { SessionView } from '../wire/views.js'
import { Alarm } from './alarm.js'
import type { CommandLog, SessionCommandLog } from './command-log.js'
import { CorruptionError, corruptionReport } from './corruption.js'
import { Credentials } from './credentials.js'
import { noticeJson } from './envelopes.js'
import { EventLog } from './event-log.js'
import type { Fault, Outcome } from './outcome.js'
import { type Projection, Publication } from './publication.js'
import { Readers } from './readers.js'
import type { OnActor } from './running-actor.js'
import type { StreamEnd, Telemetry } from './telemetry.js'
import type { Turn } from './turn.js'

/**
 * Nothing fires by itself: what is due is fired by the host's alarm, as a part of the log. XState would
 * still write down every timer of every actor, with a name of its own: 2 KiB a session, and some time a step.
 */
const NO_SCHEDULER = { schedule: () => {}, cancel: () => {}, cancelAll: () => {} }

type Failure = Extract<Outcome, { type: 'failed' }>

/** A tick that fires more than this has timers that set each other off. */
const FIRED_MAX = 1_000

export interface HostOptions {
  readonly machine: SessionMachine
  readonly clock: Clock
  readonly commandLog: CommandLog
  /** This process, among those that hold streams. */
  readonly node: NodeId
  /** Events kept for replay. */
  readonly eventLogSize: number
  readonly telemetry: Telemetry
  readonly turn: Turn
  readonly onEnded: (host: SessionHost) => void
  /** The actor threw, its state broke an invariant, or could not be projected; it stands still until {@link SessionHost.restart}. */
  readonly onFailed: (host: SessionHost, fault: Fault, error: unknown) => void
  readonly onActor?: OnActor | undefined
}

/**
 * One session's actor with everything around it: commands are proposed to the command log and carried
 * out in its order, numbered events come out and are frozen, readers follow. All of a step is projected
 * before any of it counts; whatever throws on the way leaves the state of before.
 */
export class SessionHost {
  readonly id: SessionId
  readonly credentials = new Credentials()
  readonly readers: Readers
  readonly telemetry: Telemetry
  readonly log: EventLog
  readonly #input: SessionInput
  readonly #options: HostOptions
  readonly #commands: SessionCommandLog
  readonly #alarm: Alarm
  #publication = new Publication()
  #actor: SessionActor
  /** The newest state of which everything holds and was published. */
  #good: SessionSnapshot
  #thrown: unknown = null
  /** Why the actor stands still; `null`: it does not. */
  #failure: Failure | null = null
  /** The newest finding that its state cannot be. */
  #corruption: { readonly error: CorruptionError; readonly at: EpochMs } | null = null
  #isGivenUp = false
  #isStopped = false

  constructor(input: SessionInput, options: HostOptions) {
    this.id = input.id
    this.#input = input
    this.credentials.set(input.creator.id, input.tokenDigest)
    this.#options = options
    this.telemetry = options.telemetry
    this.readers = new Readers(options.telemetry, options.turn)
    this.log = new EventLog(options.eventLogSize)
    this.#alarm = new Alarm(options.clock, () => this.#wake())
    this.#commands = options.commandLog.follow(input.id, (command) => this.#apply(command))
    this.#actor = this.#started(createActor(options.machine, { input }))
    this.#good = this.#actor.getSnapshot()
    this.#setAlarm()
  }

  /** The newest good state. */
  get snapshot(): SessionSnapshot {
    return this.#good
  }

  get hasEnded(): boolean {
    return this.#good.status === 'done'
  }

  /** Of the public state (contract section 7). */
  checksum(): string {
    return this.after().checksum()
  }

  /** The newest good state with its checksum. */
  after(): After {
    return this.#publication.after(this.#good)
  }

  session(): SessionView {
    return publicSession(this.#good, this.checksum())
  }

  /**
   * Has a command carried out when the log gives it its place.
   * @param settled - told once what became of it; a refused command has changed nothing
   */
  propose(command: SessionCommand, settled: (outcome: Outcome) => void = () => {}): void {
    this.#commands.propose(command, settled)
  }

  /** A request has proved to be this participant's; recorded only where that changes something. */
  showLife(userId: UserId): void {
    const at = this.#options.clock.now()
    if (this.#isOver || !isSignWanted(this.#good.context, userId, at)) return
    this.propose({ type: 'presence.seen', at, userId })
  }

  /** Tells the session how many readers a participant has here, if that is not what it was told last. */
  reportStreams(userId: UserId): void {
    const participant = participantOf(this.#good.context, userId)
    if (this.#isOver || participant === undefined) return
    const { node, clock } = this.#options
    const open = this.readers.countOf(userId)
    const told = participant.streams.find((level) => level.node === node)?.open ?? 0
    if (open === told) return
    this.propose({ type: 'presence.streams', at: clock.now(), userId, node, open }, ({ type }) => {
      // What has changed until the log gave it its place is told as well.
      if (type === 'done') this.reportStreams(userId)
    })
  }

  /**
   * A new actor takes over from the last good state. Its versions go on from there, its readers
   * are told and get the whole state.
   * @returns whether it runs; `false`: it failed again
   */
  restart(): boolean {
    const fault = this.#failure?.fault ?? 'INTERNAL_SERVER_ERROR'
    const { machine } = this.#options
    this.#publication = new Publication()
    const snapshot = machine.getPersistedSnapshot(this.#good)
    this.#actor = this.#started(createActor(machine, { input: this.#input, snapshot }))
    this.#failure = null
    if (stateDigest(this.#actor.getSnapshot()) !== stateDigest(this.#good)) {
      this.#failed(new CorruptionError('restored_differently', 'the restored state has another digest'))
      return false
    }
    this.#good = this.#actor.getSnapshot()
    // What the sockets told a failing actor is told again.
    for (const { id } of this.#good.context.participants) this.reportStreams(id)
    this.#setAlarm()
    const { message, recoveryActions } = ERRORS[fault]
    const report = fault === 'STATE_CORRUPTION' ? this.corruptionReport : null
    this.notify('error_recovery_needed', {
      error_code: fault,
      message,
      recovery_actions: [...recoveryActions],
      ...(report === null ? {} : { corruption_report: report }),
    })
    this.readers.resync('session_restarted')
    return this.#failure === null
  }

  /** What its newest failure found in its state; `null`: it found nothing, it threw. */
  get corruptionReport(): CorruptionReportView | null {
    if (this.#corruption === null) return null
    const { error, at } = this.#corruption
    const isRecovered = this.#failure === null && !this.#isGivenUp
    return corruptionReport(error, { id: this.id, at, version: this.log.last }, isRecovered)
  }

  /** Ends a session that failed too often. An actor that cannot even do that leaves its streams closed without a word. */
  giveUp(): void {
    this.#isGivenUp = true
    this.restart()
    this.propose({ type: 'session.terminate', at: this.#options.clock.now(), reason: 'failed' }, () => {
      if (!this.hasEnded) this.#close()
    })
  }

  /** Timers stop, readers end. */
  stop(reason: StreamEnd = 'shutdown'): void {
    this.#isStopped = true
    this.#actor.stop()
    this.#alarm.stop()
    this.readers.endAll(reason)
  }

  /** The envelope of a frame that is no event, about the newest state. */
  notice<Type extends EventType>(type: Type, data: EventData<Type>): string {
    return noticeJson(type, data, this.after(), this.#options.clock.now())
  }

  /** Sends every reader a notice. */
  notify<Type extends EventType>(type: Type, data: EventData<Type>): void {
    this.readers.notify(this.notice(type, data))
  }

  get #isOver(): boolean {
    return this.#isStopped || this.hasEnded
  }

  /** Carries out what the log says. */
  #apply(command: SessionCommand): Outcome {
    const outcome = this.#judge(command)
    if (outcome.type === 'done') this.#seat(command)
    this.telemetry.commands[outcome.type] += 1
    if (this.hasEnded) this.#close()
    else if (outcome.type === 'done') this.#setAlarm()
    return outcome
  }

  /** Whoever has taken a seat is known by their token. */
  #seat(command: SessionCommand): void {
    if (command.type === 'participant.join') this.credentials.set(command.userId, command.tokenDigest)
    if (command.type === 'seat.take') this.credentials.set(command.by, command.tokenDigest)
  }

  #judge(command: SessionCommand): Outcome {
    if (this.#failure !== null) return this.#failure
    const refused = refusal({ status: statusOf(this.#good), context: this.#good.context }, command)
    if (refused !== null) return { type: 'refused', refusal: refused }
    return command.type === 'tick' ? this.#tick(command) : this.#step(command)
  }

  /** Fires all that is due, each a step of its own at its own time. */
  #tick(tick: SessionCommand): Outcome {
    for (let fired = 0; ; fired += 1) {
      const timer = nextTimer(this.#good)
      if (timer === null || timer.dueAt > tick.at) break
      if (fired === FIRED_MAX)
        return this.#failed(new CorruptionError('endless_timers', 'timers set each other off'))
      const outcome = this.#step(timer.event)
      if (outcome.type !== 'done') return outcome
    }
    return this.hasEnded ? { type: 'done', before: this.#good, after: this.after() } : this.#step(tick)
  }

  /** Lets the actor do one thing. All that comes of it is made before any of it counts. */
  #step(event: SessionCommand | { readonly type: string }): Outcome {
    const since = this.telemetry.now()
    const before = this.#good
    // Delayed transitions have events of their own, which are not in the chart's types.
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
    this.#commit(snapshot, projection, since)
    return { type: 'done', before, after: projection.after }
  }

  #commit(snapshot: SessionSnapshot, { events, logged }: Projection, since: number): void {
    this.#good = snapshot
    for (const event of logged) this.log.append(event)
    for (const event of events) this.#follow(event)
    if (events.length === 0) return
    this.telemetry.eventsPublished += events.length
    this.readers.flushSoon(since)
  }

  /** What an event means for those who hold something of its participant, and for whoever counts. */
  #follow(event: SessionEvent): void {
    switch (event.type) {
      case 'user_joined':
        if (!event.reconnected) this.telemetry.usersJoined += 1
        break
      case 'round_completed':
        this.#countRound(event.durationMs)
        break
      case 'mobile_optimization_applied':
        this.readers.profileChanged(event.userId)
        break
      case 'user_disconnected':
        // Their lease is over: whatever still looks open is not.
        this.readers.endOf(event.userId, 'lease_lapsed')
        break
      case 'user_left':
        this.credentials.delete(event.userId)
        this.readers.endOf(event.userId, 'participant_left')
        break
    }
  }

  #countRound(durationMs: number): void {
    const { telemetry } = this
    telemetry.votingRounds += 1
    telemetry.observe(telemetry.votingDurations, durationMs / 1_000)
    telemetry.observe(telemetry.votesPerRound, this.#good.context.round?.votes.length ?? 0)
  }

  /** The actor stands still from here on. */
  #failed(error: unknown): Failure {
    const fault = error instanceof CorruptionError ? 'STATE_CORRUPTION' : 'INTERNAL_SERVER_ERROR'
    const failure = { type: 'failed', fault, error } as const
    this.#failure = failure
    this.#corruption = error instanceof CorruptionError ? { error, at: this.#options.clock.now() } : null
    this.#actor.stop()
    this.#alarm.stop()
    if (!this.#isGivenUp) this.#options.onFailed(this, fault, error)
    return failure
  }

  #close(): void {
    if (this.#isStopped) return
    this.stop('session_ended')
    this.#options.onEnded(this)
  }

  #setAlarm(): void {
    if (!this.#isOver) this.#alarm.set(nextTimer(this.#good)?.dueAt ?? null)
  }

  /** It may have rung early, since it is not set again for every command. */
  #wake(): void {
    if (this.#isOver) return
    const at = this.#options.clock.now()
    const timer = nextTimer(this.#good)
    if (timer !== null && timer.dueAt <= at) this.propose({ type: 'tick', at })
    else this.#setAlarm()
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
