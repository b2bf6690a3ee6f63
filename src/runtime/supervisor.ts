import { createActor } from 'xstate'
import type { NodeId, Room, SessionId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionInput, SessionSettings } from '../../machines/session/context.js'
import type { EndReason } from '../../machines/session/events.js'
import { type SessionMachine, sessionMachine } from '../../machines/session/machine.js'
import {
  type AdmissionRefusal,
  desertedLongest,
  type SessionCensus,
} from '../../machines/supervisor/admission.js'
import {
  FREE_PLACES_WARNED,
  type SupervisorActor,
  type SupervisorCommand,
  supervisorMachine,
  type Verdict,
} from '../../machines/supervisor/machine.js'
import type { OnActor } from './running-actor.js'
import type { CommandLog, Placed } from './command-log.js'
import type { Birth } from './persisted-session.js'
import type { KnownMark, Mark } from './marks.js'
import type { Fault } from './outcome.js'
import { SessionHost } from './session-host.js'
import { SessionIndex } from './session-index.js'
import { SessionReplica } from './session-replica.js'
import { SessionRestorer } from './session-restorer.js'
import type { Telemetry } from './telemetry.js'
import type { Turn } from './turn.js'

/** Sessions that are told something in one turn of the event loop; the others in the next ones. */
const AT_ONCE_MAX = 100
const MINUTE_MS = 60_000
/** So often a creation is begun anew because another process was faster, or somebody came back. */
const OVERTAKEN_MAX = 3
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

/** The log is away: nothing can be written down of a new session. */
const AWAY: AdmissionRefusal = {
  code: 'SERVICE_UNAVAILABLE',
  detail: 'New sessions cannot be kept at the moment; try again shortly.',
  facts: {},
}

/** What a session is to be made of. */
export interface Asked extends Omit<SessionInput, 'settings'> {
  /** Where the creation may be repeated. */
  readonly mark?: Mark
}

/** A session that runs, or why there is none. */
export type Made = SessionHost | AdmissionRefusal

/** Who asked for a session; one of these is called once. */
export interface Asking {
  /** With memory as log before the question returns. */
  readonly made: (made: Made) => void
  /** With what was thrown by a session that cannot run. */
  readonly fail: (error: unknown) => void
  /** Another process has made this very session meanwhile: it is to be asked for as a repetition. */
  readonly again: () => void
}

/** What was seen of other processes' sessions before a creation is judged. */
interface Look {
  /** How often they were looked at for it. */
  readonly looks: number
  /** Those that take a place and are not here. */
  readonly elsewhere: number
}

const NO_LOOK: Look = { looks: 0, elsewhere: 0 }

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
    this.#admit(asked, countedFor, asking, NO_LOOK)
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

  /** Looked for only when no place is free. @param elsewhere - sessions that take a place and are not here */
  #deserted(elsewhere: number): SessionId | null {
    const { active, max } = this.capacity
    if (active + elsewhere < max) return null
    return desertedLongest(this.#options, this.#census(), this.#options.clock.now())
  }

  *#census(): Generator<SessionCensus> {
    for (const { id, snapshot } of this.#index.hosts()) yield { id, emptySince: snapshot.context.emptySince }
  }

  #admit(asked: Asked, address: string, asking: Asking, look: Look): void {
    const { room = null } = asked
    const { commandLog } = this.#options
    const inRoom = room === null ? null : this.#index.idInRoom(room)
    const { looks, elsewhere } = look
    const deserted = this.#deserted(elsewhere)
    const verdict = this.#ask({ type: 'session.admit', address, inRoom, elsewhere, deserted })
    if (verdict?.type === 'refused') {
      // What is known here may be old: another process's session may be over.
      if (looks === 0 && commandLog.isDurable && !this.isDraining)
        this.#lookAndAdmit(asked, address, asking, looks)
      else asking.made(verdict.refusal)
      return
    }
    if (verdict?.type !== 'admitted') throw new Error('the supervisor has not judged an admission')
    const { evicted } = verdict
    if (room !== null) this.#index.reserve(room, asked.id)
    if (evicted === null) this.#place(asked, address, null, asking, looks)
    else
      this.#evict(evicted, (hasEnded) => {
        if (hasEnded) return this.#place(asked, address, evicted, asking, looks)
        this.#giveBack(asked, address)
        if (looks < OVERTAKEN_MAX) this.#lookAndAdmit(asked, address, asking, looks)
        else asking.made(AWAY)
      })
  }

  /** @param evicted - has given its place, and may be listed still */
  #place(asked: Asked, address: string, evicted: SessionId | null, asking: Asking, looks: number): void {
    const { mark, ...input } = asked
    const { commandLog, settings, sessionsMax, telemetry } = this.#options
    const marked = mark === undefined ? {} : { mark }
    const birth = { input: { ...input, settings, semantics: commandLog.semantics }, address, ...marked }
    commandLog.create({ birth, sessionsMax, evicted }, (placed) => {
      if (placed.type === 'placed') return this.#placed(placed, evicted !== null, asking)
      this.#giveBack(input, address)
      if (placed.type === 'overtaken' && looks < OVERTAKEN_MAX)
        return this.#lookAndAdmit(asked, address, asking, looks)
      telemetry.commands.unavailable += 1
      asking.made(AWAY)
    })
  }

  #lookAndAdmit(asked: Asked, address: string, asking: Asking, looks: number): void {
    const { mark, room = null } = asked
    const roomSeen = new Promise<void>((resolve) => {
      if (room === null) resolve()
      else this.openRoom(room, () => resolve())
    })
    Promise.all([this.#restorer.lookAround(), roomSeen]).then(
      ([elsewhere]) => {
        try {
          if (mark !== undefined && this.made(mark.id) !== null) asking.again()
          else this.#admit(asked, address, asking, { looks: looks + 1, elsewhere })
        } catch (error) {
          asking.fail(error)
        }
      },
      () => asking.made(AWAY),
    )
  }

  /** @param isInstead - another session has given its place: there are as many as before */
  #placed(
    { birth, active }: Extract<Placed, { type: 'placed' }>,
    isInstead: boolean,
    { made, fail }: Asking,
  ): void {
    let host: SessionHost
    try {
      host = this.#begun(birth)
    } catch (error) {
      this.#options.commandLog.end(birth.input.id)
      fail(error)
      return
    }
    if (!isInstead) this.#warnOfCapacity(active ?? this.capacity.active)
    made(host)
  }

  /** A new session runs. A place that was given and cannot be taken is given back. */
  #begun(birth: Birth): SessionHost {
    const { input, address } = birth
    let host: SessionHost | null = null
    try {
      host = this.#run(this.#replica(birth))
      this.#options.telemetry.sessionsCreated += 1
      this.#options.telemetry.usersJoined += 1
      this.#options.observer?.created(host)
      return host
    } catch (error) {
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
    this.#actor.send({ type: 'session.restore', address: replica.birth.address })
    this.#run(replica).takeOver()
  }

  /** What runs here is not what the log has. */
  #loadAnew(id: SessionId, isForked: boolean): void {
    const host = this.#index.find(id)
    if (host === undefined) return
    this.#restorer.reload(id, host.snapshot.context.version, isForked, (replica, hasLost) => {
      if (replica === null) this.#letGo(host)
      else host.goOnFrom(replica, hasLost)
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

  /** @param then - called once, with whether it is over; it is not where somebody has come back meanwhile */
  #evict(id: SessionId, then: (hasEnded: boolean) => void): void {
    const at = this.#options.clock.now()
    const host = this.#index.find(id)
    const emptySince = host?.snapshot.context.emptySince ?? null
    if (host === undefined) then(true)
    else if (emptySince === null) then(false)
    else
      host.propose({ type: 'session.terminate', at, reason: 'deserted', emptySince }, () =>
        then(host.hasEnded),
      )
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
