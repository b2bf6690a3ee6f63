import { createActor } from 'xstate'
import type { NodeId, Room, SessionId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionInput, SessionSettings } from '../../machines/session/context.js'
import type { EndReason } from '../../machines/session/events.js'
import { type SessionMachine, sessionMachine } from '../../machines/session/machine.js'
import {
  FREE_PLACES_WARNED,
  type SupervisorActor,
  type SupervisorCommand,
  supervisorMachine,
  type Verdict,
} from '../../machines/supervisor/machine.js'
import type { CommandLog } from './command-log.js'
import type { KnownMark } from './marks.js'
import type { Fault } from './outcome.js'
import type { Birth } from './persisted-session.js'
import type { OnActor } from './running-actor.js'
import { type Asked, type Asking, type CreationSurroundings, SessionCreation } from './session-creation.js'
import { SessionHost } from './session-host.js'
import { SessionIndex } from './session-index.js'
import { SessionReplica } from './session-replica.js'
import { SessionRestorer } from './session-restorer.js'
import type { Telemetry } from './telemetry.js'
import type { Turn } from './turn.js'

/** Sessions that are told something in one turn of the event loop; the others in the next ones. */
const AT_ONCE_MAX = 100
const MINUTE_MS = 60_000
/** People of a node that was killed have so long to come back, in milliseconds, beside the time that it took to find out. */
const KILLED_RETURN_MS = 9_000

/** Hears what becomes of sessions, after it has happened. */
export interface SupervisorObserver {
  created(host: SessionHost): void
  /** @param reason - `failed` as well when the actor could not even end properly */
  ended(host: SessionHost, reason: EndReason): void
  /** A session's actor failed; it is restarted or given up after this. */
  failed(host: SessionHost, fault: Fault, error: unknown): void
  restarted(host: SessionHost): void
  /** What is there of a session cannot be read; it is not gone on with. */
  unreadable(id: SessionId, error: unknown): void
  /** It failed too often; its session ends after this. */
  givenUp(host: SessionHost): void
}

export interface SupervisorOptions {
  readonly clock: Clock
  /** Concurrent sessions at most. */
  readonly sessionsMax: number
  /** Of these, those that one address may have created; 0: any number. */
  readonly sessionsPerAddressMax: number
  /** With nobody present for this long a session gives its place away when it is needed, in milliseconds; 0: never. */
  readonly desertedMs: number
  readonly eventLogSize: number
  readonly commandLog: CommandLog
  readonly settings: SessionSettings
  /** Where everything is counted. */
  readonly telemetry: Telemetry
  readonly turn: Turn
  /** Is told what becomes of sessions. */
  readonly observer?: SupervisorObserver
  /** The chart that sessions run; another one only to try faults. */
  readonly machine?: SessionMachine
  readonly onActor?: OnActor | undefined
}

/**
 * All sessions of this process, and the supervisor actor that decides about them: it is asked, and what it
 * answers is done. Sessions are listed here alone; the actor counts them.
 */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #index = new SessionIndex()
  readonly #restorer: SessionRestorer
  readonly #actor: SupervisorActor
  readonly #creating: CreationSurroundings

  constructor(options: SupervisorOptions) {
    this.#options = options
    const { clock, commandLog, sessionsMax, sessionsPerAddressMax, desertedMs } = options
    const input = { sessionsMax, sessionsPerAddressMax, desertedMs }
    this.#actor = createActor(supervisorMachine, { clock, input })
    options.onActor?.({ kind: 'supervisor', actor: this.#actor })
    this.#actor.start()
    this.#restorer = new SessionRestorer({
      clock,
      commandLog,
      index: this.#index,
      sessionsMax,
      replica: (from) => this.#replica(from),
      restored: (replica) => this.#takeUp(replica),
      unreadable: (id, error) => options.observer?.unreadable(id, error),
    })
    this.#creating = {
      ...options,
      active: () => this.capacity.active,
      hasStopped: () => this.#hasStopped,
      index: this.#index,
      restorer: this.#restorer,
      ask: (question) => this.#ask(question),
      begin: (birth) => this.#begin(birth),
      giveBack: (input, address) => this.#giveBack(input, address),
      warnOfCapacity: (active) => this.#warnOfCapacity(active ?? this.capacity.active),
    }
    commandLog.watch({
      created: (id, active) => {
        this.open(id, () => {})
        if (active !== null) this.#warnOfCapacity(active)
      },
      lost: (node, isKilled) => this.#lose(node, isKilled),
      dropped: (id, isForked) => this.#loadAnew(id, isForked),
    })
  }

  /** How many sessions there are, and may be. */
  get capacity(): { readonly active: number; readonly max: number } {
    const { active, sessionsMax } = this.#actor.getSnapshot().context
    return { active, max: sessionsMax }
  }

  get isDraining(): boolean {
    const { value } = this.#actor.getSnapshot()
    return value === 'stopped' || value.running === 'draining'
  }

  /** No session runs here any more. */
  get #hasStopped(): boolean {
    return this.#actor.getSnapshot().value === 'stopped'
  }

  /** Failures of session actors since the start. */
  get faults(): number {
    return this.#options.telemetry.actorFailures
  }

  sessions(): Iterable<SessionHost> {
    return this.#index.hosts()
  }

  /** A session that runs here, as far as it is known by now; {@link open} knows more. */
  find(id: SessionId): SessionHost | undefined {
    return this.#index.find(id)
  }

  /**
   * Finds a session wherever it was made, as its log has it by now.
   * @param then - called once, with memory as log before this returns; `null`: the log is away, and nobody knows;
   * `isFresh`: that is how it is by now, otherwise how it was when the log was last there
   */
  open(id: SessionId, then: (found: SessionHost | undefined | null, isFresh: boolean) => void): void {
    const host = this.#index.find(id)
    const found = (isFresh = true) => then(this.#index.find(id), isFresh)
    if (host !== undefined) host.catchUp(found)
    else if (!this.#options.commandLog.isDurable || this.#index.hasEnded(id)) found()
    else this.#restorer.load(id, (isKnown) => (isKnown ? found() : then(null, false)))
  }

  /** {@link open}, for the session that has a room. */
  openRoom(room: Room, then: (found: SessionHost | undefined | null) => void): void {
    const { commandLog } = this.#options
    const host = this.#index.inRoom(room)
    if (host !== undefined) {
      host.catchUp(() => then(this.#index.inRoom(room)))
    } else if (commandLog.isDurable) {
      commandLog.inRoom(room).then(
        (id) => (id === null ? then(undefined) : this.open(id, then)),
        () => then(null),
      )
    } else {
      then(undefined)
    }
  }

  /** A creation with this mark that made a session which is still there, in the last ten minutes. */
  made(markId: string): KnownMark | null {
    return this.#index.made(markId, this.#options.clock.now())
  }

  /** Whether this session was here and is over, as far as that is remembered. */
  hasEnded(id: SessionId): boolean {
    return this.#index.hasEnded(id)
  }

  /**
   * Makes a session if a place is free, or if a deserted one can give its place.
   * @param address - whose session it is, where that is limited
   */
  create(asked: Asked, address: string, asking: Asking): void {
    const countedFor = this.#options.sessionsPerAddressMax === 0 ? '' : address
    new SessionCreation(asked, countedFor, asking, this.#creating).begin()
  }

  /**
   * Takes over all sessions that the log has, before anybody is served. Those for which there is no place, with a
   * cap that is lower than it was, stay where they are.
   * @returns how many run here now, and how many do not
   * @throws when the log goes away meanwhile
   */
  async restore(): Promise<{ readonly sessions: number; readonly left: number }> {
    const { commandLog, sessionsMax } = this.#options
    const { live, ended } = await commandLog.known()
    for (const id of ended) this.#index.remember(id)
    let left = 0
    for (const id of live) {
      if (this.#index.size >= sessionsMax) left += 1
      else await this.#restorer.restoreListed(id)
    }
    return { sessions: this.#index.size, left }
  }

  /** No session is made from here on. */
  drain(): void {
    this.#actor.send({ type: 'server.drain' })
    for (const host of this.#index.hosts()) host.leave()
  }

  /** The end: timers stop, readers end. */
  stop(): void {
    this.#actor.send({ type: 'server.stop' })
    for (const host of this.#index.hosts()) host.stop()
    this.#index.clear()
  }

  #ask(question: SupervisorCommand): Verdict | null {
    this.#actor.send(question)
    return this.#actor.getSnapshot().context.verdict
  }

  /** A new session runs. A place that was given and cannot be taken is given back. */
  #begin(birth: Birth): SessionHost {
    const { input, address } = birth
    let host: SessionHost | null = null
    try {
      host = this.#run(this.#replica(birth))
      this.#options.telemetry.sessionsCreated += 1
      this.#options.telemetry.usersJoined += 1
      this.#options.observer?.created(host)
      return host
    } catch (error) {
      this.#options.commandLog.end(birth.input.id)
      host?.stop()
      if (host !== null) this.#index.remove(host)
      this.#giveBack(input, address)
      throw error
    }
  }

  #giveBack({ id, room = null }: Pick<SessionInput, 'id' | 'room'>, address: string): void {
    this.#actor.send({ type: 'session.retire', id, address })
    if (room !== null) this.#index.release(room, id)
  }

  #replica(from: ConstructorParameters<typeof SessionReplica>[0]): SessionReplica {
    const { machine = sessionMachine, eventLogSize, onActor } = this.#options
    return new SessionReplica(from, { machine, eventLogSize, onActor })
  }

  #run(replica: SessionReplica): SessionHost {
    const { input, address } = replica.birth
    const host = new SessionHost(replica, {
      ...this.#options,
      onEnded: (ended) => {
        this.#giveBack(input, address)
        this.#forget(ended)
      },
      onFailed: (failed, fault, error) => this.#judge(failed, fault, error),
    })
    this.#index.add(host)
    return host
  }

  #takeUp(replica: SessionReplica): void {
    // It was read while this process ended: nobody would stop its timers.
    if (this.#hasStopped) {
      replica.stop()
      this.#options.commandLog.letGo(replica.id)
      return
    }
    this.#actor.send({ type: 'session.restore', address: replica.birth.address })
    this.#run(replica).takeOver()
  }

  /** What runs here is not what the log has. */
  #loadAnew(id: SessionId, isForked: boolean): void {
    const host = this.#index.find(id)
    if (host === undefined) return
    this.#restorer.reload(id, host.snapshot.context.version, isForked, (replica, hasLost) => {
      if (replica !== null) host.goOnFrom(replica, hasLost)
      // It may have ended meanwhile, and given its place back.
      else if (this.#index.find(id) === host) this.#letGo(host)
    })
  }

  /** It is not carried out here any more; its readers come back, and may find it at another process. */
  #letGo(host: SessionHost): void {
    const { input, address } = host.birth
    host.stop()
    this.#index.remove(host)
    this.#giveBack(input, address)
  }

  /** Tells the sessions, some of them a turn, that a node's streams are closed. */
  #lose(node: NodeId, isKilled: boolean): void {
    const hosts = [...this.#index.hosts()]
    inTurns(hosts, (host) => host.loseNode(node, isKilled ? KILLED_RETURN_MS : undefined))
  }

  #bury(id: SessionId): void {
    this.#options.commandLog.end(id)
    this.#index.remember(id)
  }

  #forget(host: SessionHost): void {
    this.#index.remove(host)
    this.#bury(host.id)
    const reason = host.snapshot.context.endReason ?? 'failed'
    const { telemetry, clock } = this.#options
    if (host.isStepOwn) {
      telemetry.sessionsEnded[reason] += 1
      const lastedMs = clock.now() - host.snapshot.context.createdAt
      telemetry.observe(telemetry.sessionDurations, lastedMs / MINUTE_MS)
    }
    this.#options.observer?.ended(host, reason)
  }

  /** A session's actor has failed: it is restarted, or given up when that comes too often. */
  #judge(host: SessionHost, fault: Fault, error: unknown): void {
    const { telemetry, observer, clock } = this.#options
    telemetry.actorFailures += 1
    observer?.failed(host, fault, error)
    const verdict = this.#ask({ type: 'session.failed', id: host.id, at: clock.now() })
    if (verdict?.type === 'restart' && verdict.isDue) {
      if (!host.restart()) return
      telemetry.actorRestarts += 1
      observer?.restarted(host)
    } else {
      observer?.givenUp(host)
      host.giveUp()
    }
  }

  /** Tells the sessions that somebody reads when hardly any place is free. @param active - sessions there are now */
  #warnOfCapacity(active: number): void {
    const { sessionsMax: max } = this.#options
    const free = Math.max(0, max - active)
    if (free > FREE_PLACES_WARNED) return
    const data = { active_sessions: active, max_sessions: max, available_slots: free }
    const hosts = [...this.#index.hosts()].filter(({ readers }) => readers.count > 0)
    inTurns(hosts, (host) => {
      if (!host.hasEnded) host.notify('session_capacity_warning', data)
    })
  }
}

/** Does something to sessions, to some of them a turn, so that no turn is long because there are many. */
function inTurns(hosts: SessionHost[], work: (host: SessionHost) => void): void {
  for (const host of hosts.splice(0, AT_ONCE_MAX)) work(host)
  if (hosts.length > 0) setImmediate(() => inTurns(hosts, work))
}
