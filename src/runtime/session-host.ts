import type { EpochMs, NodeId, SessionId, UserId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import { participantOf } from '../../machines/session/context.js'
import type { SessionEvent } from '../../machines/session/events.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { isSignWanted } from '../../machines/session/presence.js'
import { ERRORS } from '../wire/errors.js'
import type { CorruptionReportView } from '../wire/events/notices.js'
import type { After } from '../wire/events/record.js'
import type { EventData, EventType } from '../wire/events.js'
import { publicSession } from '../wire/project.js'
import type { SessionView } from '../wire/views.js'
import type { CommandLog, SessionCommandLog } from './command-log.js'
import { CorruptionError, corruptionReport } from './corruption.js'
import { noticeJson } from './envelopes.js'
import type { KnownMark, Mark } from './marks.js'
import type { Fault, Outcome } from './outcome.js'
import type { Birth } from './persisted-session.js'
import { Readers } from './readers.js'
import type { Failure, SessionReplica } from './session-replica.js'
import { StreamReports } from './stream-reports.js'
import type { StreamEnd, Telemetry } from './telemetry.js'
import { Ticker } from './ticker.js'
import type { Turn } from './turn.js'

export interface HostOptions {
  readonly clock: Clock
  readonly commandLog: CommandLog
  readonly telemetry: Telemetry
  readonly turn: Turn
  readonly onEnded: (host: SessionHost) => void
  /**
   * The actor threw, or its state broke an invariant or could not be projected; it is stopped until
   * {@link SessionHost.restart}.
   */
  readonly onFailed: (host: SessionHost, fault: Fault, error: unknown) => void
}

/**
 * One session as this process runs it: commands are proposed to the command log and carried out by the
 * replica in log order, readers follow what comes of them, one alarm proposes what is due, and the session is
 * told who reads here.
 */
export class SessionHost {
  readonly readers: Readers
  readonly telemetry: Telemetry
  #replica: SessionReplica
  readonly #options: HostOptions
  #commands: SessionCommandLog
  readonly #ticker: Ticker
  readonly #reports: StreamReports
  /** When the newest command began to be carried out, by the telemetry's clock. */
  #steppedAt = 0
  /** The newest finding of an invalid state. */
  #corruption: { readonly error: CorruptionError; readonly at: EpochMs } | null = null
  #isGivenUp = false
  #isStopped = false
  #isStepOwn = true

  /** @param replica - of the session as it is now; from here on only this host carries out its commands */
  constructor(replica: SessionReplica, options: HostOptions) {
    this.#replica = replica
    this.#options = options
    this.telemetry = options.telemetry
    this.readers = new Readers(options.telemetry, options.turn, options.clock)
    this.#ticker = new Ticker(this, options)
    this.#reports = new StreamReports(this, options)
    this.#commands = this.#carryOutBy(replica)
    this.#setTicker()
  }

  get id(): SessionId {
    return this.#replica.id
  }

  /** What the session was made of. */
  get birth(): Birth {
    return this.#replica.birth
  }

  get credentials(): SessionReplica['credentials'] {
    return this.#replica.credentials
  }

  get log(): SessionReplica['log'] {
    return this.#replica.log
  }

  /** The newest good state. */
  get snapshot(): SessionSnapshot {
    return this.#replica.snapshot
  }

  get hasEnded(): boolean {
    return this.#replica.hasEnded
  }

  /** Of the public state (contract section 7). */
  checksum(): string {
    return this.after().checksum()
  }

  /** The newest good state with its checksum. */
  after(): After {
    return this.#replica.after()
  }

  session(): SessionView {
    return publicSession(this.snapshot, this.checksum())
  }

  /**
   * Has a command carried out once the log gives it its place.
   * @param settled - called once with the outcome; a refused command has changed nothing
   * @param mark - of a command that may be repeated
   */
  propose(command: SessionCommand, settled: (outcome: Outcome) => void = () => {}, mark?: Mark): void {
    this.#commands.propose(command, settled, mark)
  }

  /** A marked command that was carried out, here or elsewhere, in the last ten minutes. */
  known(markId: string): KnownMark | null {
    return this.#replica.marks.find(markId, this.#options.clock.now())
  }

  /** A request has proved to be this participant's; recorded only where that changes something. */
  showLife(userId: UserId): void {
    const at = this.#options.clock.now()
    if (this.#isOver || !isSignWanted(this.snapshot.context, userId, at)) return
    this.propose({ type: 'presence.seen', at, userId })
  }

  /** Tells the session how many readers a participant has here, if it was last told another number. */
  reportStreams(userId: UserId): void {
    if (!this.#isOver) this.#reports.tell(userId)
  }

  /** Whether this process proposed the newest entry; the proposer counts what must be counted only once. */
  get isStepOwn(): boolean {
    return this.#isStepOwn
  }

  /**
   * Carries out what the log has by now.
   * @param then - called once with whether that succeeded; with the memory log, before this returns
   */
  catchUp(then: (isFresh: boolean) => void): void {
    this.#commands.catchUp(then)
  }

  /**
   * This process continues another one's session. People whose process is gone have lost their streams and
   * get some time to come back; what fell due meanwhile waits a moment for them too.
   */
  takeOver(): void {
    this.#ticker.holdAtStart()
    this.#reports.loseGone()
  }

  /**
   * A process is gone, and its streams with it.
   * @param returnMs - how long people have to come back; default: the chart's
   */
  loseNode(node: NodeId, returnMs?: number): void {
    if (!this.#isOver) this.#reports.lose(node, returnMs)
  }

  /**
   * Continues from what the log has, after this process missed some of it or had more. Readers get what they
   * missed.
   * @param isForked - readers were shown what is not in the log: they get the whole state
   */
  goOnFrom(replica: SessionReplica, isForked: boolean): void {
    if (this.#isOver) {
      replica.stop()
      this.#options.commandLog.letGo(this.id)
      return
    }
    this.#replica.stop()
    this.#replica = replica
    this.#commands = this.#carryOutBy(replica)
    if (this.hasEnded) {
      this.#close()
      return
    }
    this.#setTicker()
    // Whose lease has lapsed meanwhile is away, and no step here has said so.
    for (const { id, isOnline } of this.snapshot.context.participants) if (!isOnline) this.#endLapsed(id)
    this.mend()
    if (isForked) this.readers.resync('log_forked')
    else this.readers.flushSoon(this.telemetry.now())
  }

  /** Tells the session what it could not be told while the log was away. */
  mend(): void {
    this.#reports.tellAll()
    if (this.#isGivenUp) this.#terminate()
  }

  /** The log is away: schedules {@link mend} for when it is back. */
  mendLater(): void {
    if (!this.#isOver) this.#ticker.lookLater()
  }

  /** The process is ending; a session that outlives it is not told of the streams that close. */
  leave(): void {
    if (this.#options.commandLog.isDurable) this.#reports.silence()
  }

  /**
   * A new actor takes over from the last good state. Its versions continue from there; its readers
   * are told, and get the whole state.
   * @returns whether it runs; `false`: it failed again
   */
  restart(): boolean {
    const fault = this.#replica.failure?.fault ?? 'INTERNAL_SERVER_ERROR'
    if (!this.#replica.restart()) return false
    // A failing actor may not have taken in which streams are open: tell it again.
    this.#reports.tellAll()
    this.#setTicker()
    const { message, recoveryActions } = ERRORS[fault]
    const report = fault === 'STATE_CORRUPTION' ? this.corruptionReport : null
    this.notify('error_recovery_needed', {
      error_code: fault,
      message,
      recovery_actions: [...recoveryActions],
      ...(report === null ? {} : { corruption_report: report }),
    })
    this.readers.resync('session_restarted')
    return this.#replica.failure === null
  }

  /** What was wrong with the state at the newest failure; `null`: nothing, the actor threw. */
  get corruptionReport(): CorruptionReportView | null {
    if (this.#corruption === null) return null
    const { error, at } = this.#corruption
    const isRecovered = this.#replica.failure === null && !this.#isGivenUp
    return corruptionReport(error, { id: this.id, at, version: this.log.last }, isRecovered)
  }

  /** Ends a session that failed too often. If its actor cannot even do that, its streams just close. */
  giveUp(): void {
    this.#isGivenUp = true
    this.restart()
    this.#terminate()
  }

  /** Stops its timers and ends its readers. */
  stop(reason: StreamEnd = 'shutdown'): void {
    this.#isStopped = true
    this.#replica.stop()
    this.#ticker.stop()
    this.readers.endAll(reason)
  }

  /** The envelope of a frame that is not an event, about the newest state. */
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

  #carryOutBy(replica: SessionReplica): SessionCommandLog {
    replica.watch({
      stepped: (events) => this.#stepped(events),
      failed: (failure) => this.#failed(failure),
    })
    return this.#options.commandLog.follow(replica.id, {
      apply: (command, mark, isOwn = false) => this.#apply(command, mark, isOwn),
      refuses: (command, mark) => this.#refuses(command, mark),
      persisted: () => replica.persisted(),
    })
  }

  /** Carries out what the log says. */
  #apply(command: SessionCommand, mark: Mark | undefined, isOwn: boolean): Outcome {
    this.#steppedAt = this.telemetry.now()
    this.#isStepOwn = isOwn
    const outcome = this.#replica.apply(command, mark)
    if (isOwn) this.telemetry.commands[outcome.type] += 1
    // Another process believes this one is gone: it is not.
    if (command.type === 'node.lost' && command.node === this.#options.commandLog.node)
      this.#reports.tellAll()
    if (command.type === 'log.forked' && hasJumped(outcome)) this.readers.resync('log_forked')
    if (this.hasEnded) this.#close()
    else if (outcome.type === 'done') this.#setTicker(command.type === 'tick' ? command.at : null)
    return outcome
  }

  /** The outcome of a command that need not be placed in the log at all. */
  #refuses(command: SessionCommand, mark?: Mark): Outcome | null {
    const outcome = this.#replica.refuses(command, mark)
    if (outcome !== null) this.telemetry.commands[outcome.type] += 1
    return outcome
  }

  #stepped(events: readonly SessionEvent[]): void {
    for (const event of events) this.#follow(event)
    if (events.length === 0) return
    this.telemetry.eventsPublished += events.length
    this.readers.flushSoon(this.#steppedAt)
  }

  /** What an event means for the readers and the counters. */
  #follow(event: SessionEvent): void {
    switch (event.type) {
      case 'user_joined':
        if (!event.reconnected && this.#isStepOwn) this.telemetry.usersJoined += 1
        break
      case 'round_completed':
        if (this.#isStepOwn) this.#countRound(event.durationMs)
        break
      case 'mobile_optimization_applied':
        this.readers.profileChanged(event.userId)
        break
      case 'user_disconnected':
        this.#endLapsed(event.userId)
        break
      case 'user_left':
        this.readers.endOf(event.userId, 'participant_left')
        break
    }
  }

  /**
   * Somebody is away although the session knows of streams here: their lease has lapsed, and whatever still
   * looks open is dead. A stream unknown to the session has just been opened; its report is on the way.
   */
  #endLapsed(userId: UserId): void {
    const { node } = this.#options.commandLog
    const { streams = [] } = participantOf(this.snapshot.context, userId) ?? {}
    if (streams.some((level) => level.node === node)) this.readers.endOf(userId, 'lease_lapsed')
  }

  #countRound(durationMs: number): void {
    const { telemetry } = this
    telemetry.votingRounds += 1
    telemetry.observe(telemetry.votingDurations, durationMs / 1_000)
    telemetry.observe(telemetry.votesPerRound, this.snapshot.context.round?.votes.length ?? 0)
  }

  #failed({ fault, error }: Failure): void {
    this.#corruption = error instanceof CorruptionError ? { error, at: this.#options.clock.now() } : null
    this.#ticker.stop()
    if (!this.#isGivenUp) this.#options.onFailed(this, fault, error)
  }

  /** A log that is away is told when it is back, or when the session was read again: {@link mend}. */
  #terminate(): void {
    this.propose(
      { type: 'session.terminate', at: this.#options.clock.now(), reason: 'failed' },
      ({ type }) => {
        if (type === 'unavailable') this.mendLater()
        else if (!this.hasEnded) this.#close()
      },
    )
  }

  #close(): void {
    if (this.#isStopped) return
    this.stop('session_ended')
    this.#options.onEnded(this)
  }

  #setTicker(tickedAt: EpochMs | null = null): void {
    if (!this.#isOver) this.#ticker.set(tickedAt)
  }
}

/** Whether versions were skipped. */
function hasJumped(outcome: Outcome): boolean {
  if (outcome.type !== 'done') return false
  return outcome.after.snapshot.context.version !== outcome.before.context.version
}
