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
  type SupervisorActor,
  type SupervisorCommand,
  supervisorMachine,
  type Verdict,
} from '../../machines/supervisor/machine.js'
import type { OnActor } from './running-actor.js'
import type { CommandLog } from './command-log.js'
import { type Birth, UnreadableSession } from './persisted-session.js'
import { type KnownMark, MARK_MS, type Mark } from './marks.js'
import type { Fault } from './outcome.js'
import { SessionHost } from './session-host.js'
import { SessionReplica } from './session-replica.js'
import type { Telemetry } from './telemetry.js'
import type { Turn } from './turn.js'

/** The most sessions whose end is remembered, so that a late client learns that it is over and not unknown. */
const ENDED_REMEMBERED_MAX = 1_000

/** Sessions that are told something in one turn of the event loop; the others in the next ones. */
const TOLD_AT_ONCE_MAX = 100
const MINUTE_MS = 60_000

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
  /** This process, among those that hold streams. */
  readonly node: NodeId
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
  readonly #hosts = new Map<SessionId, SessionHost>()
  /** Which session has which room; one that waits for its log has it already. */
  readonly #rooms = new Map<Room, SessionId>()
  /** Sessions whose creation may be repeated, by its mark. */
  readonly #byMark = new Map<string, SessionId>()
  readonly #ended = new Set<SessionId>()
  readonly #actor: SupervisorActor

  constructor(options: SupervisorOptions) {
    this.#options = options
    const { clock, sessionsMax, sessionsPerAddressMax, desertedMs } = options
    const input = { sessionsMax, sessionsPerAddressMax, desertedMs }
    this.#actor = createActor(supervisorMachine, { clock, input })
    options.onActor?.({ kind: 'supervisor', actor: this.#actor })
    this.#actor.start()
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
    return this.#hosts.values()
  }

  find(id: SessionId): SessionHost | undefined {
    return this.#hosts.get(id)
  }

  /** A creation with this mark that made a session which is still there, in the last ten minutes. */
  made(markId: string): KnownMark | null {
    const id = this.#byMark.get(markId)
    const { input, mark } = (id === undefined ? undefined : this.#hosts.get(id))?.birth ?? {}
    if (mark === undefined || input === undefined) return null
    const { at, creator } = input
    return this.#options.clock.now() - at > MARK_MS ? null : { ...mark, at, seat: creator.id }
  }

  /** The session that has a room. */
  inRoom(room: Room): SessionHost | undefined {
    const id = this.#rooms.get(room)
    return id === undefined ? undefined : this.#hosts.get(id)
  }

  /** Whether this session was here and is over, as far as that is remembered. */
  hasEnded(id: SessionId): boolean {
    return this.#ended.has(id)
  }

  /**
   * Makes a session if a place is free, or if a deserted one can give its place.
   * @param address - whose session it is, where that is limited
   * @param then - called once unless `fail` is, with memory as log before this returns
   * @param fail - called with what was thrown by a session that cannot run
   */
  create(asked: Asked, address: string, then: (made: Made) => void, fail: (error: unknown) => void): void {
    const { mark, ...input } = asked
    const { room = null } = input
    const { commandLog, settings, sessionsPerAddressMax } = this.#options
    const countedFor = sessionsPerAddressMax === 0 ? '' : address
    const inRoom = room === null ? null : (this.#rooms.get(room) ?? null)
    const verdict = this.#ask({
      type: 'session.admit',
      address: countedFor,
      inRoom,
      deserted: this.#deserted(),
    })
    if (verdict?.type === 'refused') {
      then(verdict.refusal)
      return
    }
    if (verdict?.type !== 'admitted') throw new Error('the supervisor has not judged an admission')
    if (verdict.evicted !== null) this.#evict(verdict.evicted)
    if (room !== null) this.#rooms.set(room, input.id)
    const marked = mark === undefined ? {} : { mark }
    commandLog.create({ input: { ...input, settings }, address: countedFor, ...marked }, (birth) => {
      if (birth === null) {
        this.#giveBack(input, countedFor)
        this.#options.telemetry.commands.unavailable += 1
        return then(AWAY)
      }
      let host: SessionHost
      try {
        host = this.#begun(birth)
      } catch (error) {
        commandLog.end(input.id)
        return fail(error)
      }
      if (verdict.freePlaces !== null) this.#warnOfCapacity()
      then(host)
    })
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
    for (const id of ended) this.#remember(id)
    let left = 0
    for (const id of live) {
      // What is listed and empty, or cannot be read, takes nobody's place.
      if (this.#hosts.size < sessionsMax) await this.#restore(id)
      else left += 1
    }
    return { sessions: this.#hosts.size, left }
  }

  /** No session is made from here on. */
  drain(): void {
    this.#actor.send({ type: 'server.drain' })
    for (const host of this.#hosts.values()) host.leave()
  }

  /** The end: timers stop, readers end. */
  stop(): void {
    this.#actor.send({ type: 'server.stop' })
    for (const host of this.#hosts.values()) host.stop()
    this.#hosts.clear()
  }

  #ask(question: SupervisorCommand): Verdict | null {
    this.#actor.send(question)
    return this.#actor.getSnapshot().context.verdict
  }

  /** Looked for only when no place is free. */
  #deserted(): SessionId | null {
    const { active, max } = this.capacity
    return active < max ? null : desertedLongest(this.#options, this.#census(), this.#options.clock.now())
  }

  *#census(): Generator<SessionCensus> {
    for (const { id, snapshot } of this.#hosts.values()) yield { id, emptySince: snapshot.context.emptySince }
  }

  /** A new session runs. A place that was given and cannot be taken is given back. */
  #begun(birth: Birth): SessionHost {
    const { input, address } = birth
    try {
      const host = this.#run(this.#replica(birth))
      this.#options.telemetry.sessionsCreated += 1
      this.#options.telemetry.usersJoined += 1
      this.#options.observer?.created(host)
      return host
    } catch (error) {
      this.#hosts.get(input.id)?.stop()
      this.#hosts.delete(input.id)
      this.#giveBack(input, address)
      throw error
    }
  }

  #giveBack({ id, room = null }: Pick<SessionInput, 'id' | 'room'>, address: string): void {
    this.#actor.send({ type: 'session.retire', id, address })
    if (room !== null && this.#rooms.get(room) === id) this.#rooms.delete(room)
  }

  #replica(from: ConstructorParameters<typeof SessionReplica>[0]): SessionReplica {
    const { machine = sessionMachine, eventLogSize, onActor } = this.#options
    return new SessionReplica(from, { machine, eventLogSize, onActor })
  }

  #run(replica: SessionReplica): SessionHost {
    const { input, address } = replica.birth
    const { room = null } = input
    const host = new SessionHost(replica, {
      ...this.#options,
      onEnded: (ended) => {
        this.#giveBack(input, address)
        const { mark } = replica.birth
        if (mark !== undefined && this.#byMark.get(mark.id) === ended.id) this.#byMark.delete(mark.id)
        this.#forget(ended)
      },
      onFailed: (failed, fault, error) => this.#judge(failed, fault, error),
    })
    this.#hosts.set(host.id, host)
    if (room !== null) this.#rooms.set(room, host.id)
    const { mark } = replica.birth
    if (mark !== undefined) this.#byMark.set(mark.id, host.id)
    return host
  }

  /** One that cannot be read costs nobody else theirs. */
  async #restore(id: SessionId): Promise<void> {
    const { commandLog } = this.#options
    let replica: SessionReplica | null = null
    try {
      const isThere = await commandLog.load(id, (from) => {
        replica = this.#replica(from)
        return replica
      })
      if (replica === null || !isThere) return this.#bury(id)
    } catch (error) {
      if (!(error instanceof UnreadableSession)) throw error
      this.#leave(id, error)
      return
    }
    this.#takeOver(replica)
  }

  #takeOver(replica: SessionReplica): void {
    const { id, birth, hasEnded } = replica
    if (hasEnded) {
      this.#bury(id)
    } else if (replica.failure !== null) {
      replica.stop()
      this.#leave(id, replica.failure.error)
    } else {
      this.#actor.send({ type: 'session.restore', address: birth.address })
      this.#run(replica).takeOver()
    }
  }

  /** It stays where it is, for the release that wrote it. */
  #leave(id: SessionId, error: unknown): void {
    this.#options.observer?.unreadable(id, error)
    this.#remember(id)
  }

  #bury(id: SessionId): void {
    this.#options.commandLog.end(id)
    this.#remember(id)
  }

  #evict(id: SessionId): void {
    const at = this.#options.clock.now()
    this.#hosts.get(id)?.propose({ type: 'session.terminate', at, reason: 'deserted' })
  }

  #forget(host: SessionHost): void {
    this.#hosts.delete(host.id)
    this.#bury(host.id)
    const reason = host.snapshot.context.endReason ?? 'failed'
    const { telemetry, clock } = this.#options
    telemetry.sessionsEnded[reason] += 1
    const lastedMs = clock.now() - host.snapshot.context.createdAt
    telemetry.observe(telemetry.sessionDurations, lastedMs / MINUTE_MS)
    this.#options.observer?.ended(host, reason)
  }

  #remember(id: SessionId): void {
    this.#ended.add(id)
    const [oldest] = this.#ended
    if (this.#ended.size > ENDED_REMEMBERED_MAX && oldest !== undefined) this.#ended.delete(oldest)
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

  /** Tells the sessions that somebody reads, some of them a turn, so that no turn is long because there are many. */
  #warnOfCapacity(): void {
    const { active, max } = this.capacity
    const data = { active_sessions: active, max_sessions: max, available_slots: Math.max(0, max - active) }
    const hosts = [...this.#hosts.values()].filter(({ readers }) => readers.count > 0)
    const tell = () => {
      for (const host of hosts.splice(0, TOLD_AT_ONCE_MAX)) {
        if (!host.hasEnded) host.notify('session_capacity_warning', data)
      }
      if (hosts.length > 0) setImmediate(tell)
    }
    tell()
  }
}
