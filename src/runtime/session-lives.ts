import type { NodeId, SessionId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionInput } from '../../machines/session/context.js'
import type { EndReason } from '../../machines/session/events.js'
import { type SessionMachine, sessionMachine } from '../../machines/session/machine.js'
import type { SupervisorActor } from '../../machines/supervisor/machine.js'
import type { CommandLog } from './command-log.js'
import { inTurns } from './in-turns.js'
import type { Fault } from './outcome.js'
import type { Birth } from './persisted-session.js'
import type { OnActor } from './running-actor.js'
import { SessionHost } from './session-host.js'
import type { SessionIndex } from './session-index.js'
import { SessionReplica } from './session-replica.js'
import { SessionRestorer } from './session-restorer.js'
import { hasStopped, verdictOn } from './supervisor-actor.js'
import type { Telemetry } from './telemetry.js'
import type { Turn } from './turn.js'

const MINUTE_MS = 60_000
/** How long the people of a node that was killed have to come back once that is known, in milliseconds. */
const KILLED_RETURN_MS = 9_000

/** Is told what becomes of sessions, after it has happened. */
export interface SessionObserver {
  created(host: SessionHost): void
  /** @param reason - also `failed` if the actor could not even end properly */
  ended(host: SessionHost, reason: EndReason): void
  /** A session's actor failed; it is restarted or given up after this. */
  failed(host: SessionHost, fault: Fault, error: unknown): void
  restarted(host: SessionHost): void
  /** What there is of a session cannot be read, so it does not run here. */
  unreadable(id: SessionId, error: unknown): void
  /** A session failed too often; it ends after this. */
  givenUp(host: SessionHost): void
}

export interface SessionLivesOptions {
  readonly clock: Clock
  readonly commandLog: CommandLog
  /** The limit on concurrent sessions. */
  readonly sessionsMax: number
  /** Events kept for replay, for each session. */
  readonly eventLogSize: number
  /** Where everything is counted. */
  readonly telemetry: Telemetry
  readonly turn: Turn
  readonly observer?: SessionObserver
  /** The chart that sessions run; replaced only to test faults. */
  readonly machine?: SessionMachine
  readonly onActor?: OnActor | undefined
}

/**
 * How sessions come to run here, created or read from their log, and how that ends: they are over, fail too
 * often, or are let go. Each is listed and counted for as long as it runs.
 */
export class SessionLives {
  readonly restorer: SessionRestorer
  readonly #index: SessionIndex
  readonly #actor: SupervisorActor
  readonly #options: SessionLivesOptions

  /** @param actor - counts the sessions, and judges their failures */
  constructor(index: SessionIndex, actor: SupervisorActor, options: SessionLivesOptions) {
    const { clock, commandLog, sessionsMax, observer } = options
    this.#index = index
    this.#actor = actor
    this.#options = options
    this.restorer = new SessionRestorer({
      clock,
      commandLog,
      index,
      sessionsMax,
      replica: (from) => this.#replica(from),
      restored: (replica) => this.#takeUp(replica),
      unreadable: (id, error) => observer?.unreadable(id, error),
    })
  }

  /** Runs a new session. @throws when it cannot run; its place is then given back */
  begin(birth: Birth): SessionHost {
    const { input, address } = birth
    const { commandLog, telemetry, observer } = this.#options
    let host: SessionHost | null = null
    try {
      host = this.#run(this.#replica(birth))
      telemetry.sessionsCreated += 1
      telemetry.usersJoined += 1
      observer?.created(host)
      return host
    } catch (error) {
      commandLog.end(input.id)
      host?.stop()
      if (host !== null) this.#index.remove(host)
      this.giveBack(input, address)
      throw error
    }
  }

  /** Frees the place of a session, and its room. */
  giveBack({ id, room = null }: Pick<SessionInput, 'id' | 'room'>, address: string): void {
    this.#actor.send({ type: 'session.retire', id, address })
    if (room !== null) this.#index.release(room, id)
  }

  /** Loads a session again that no longer matches its log. */
  loadAnew(id: SessionId, isForked: boolean): void {
    const host = this.#index.find(id)
    if (host === undefined) return
    this.restorer.reload(id, host.snapshot.context.version, isForked, (replica, hasLost) => {
      if (replica !== null) host.goOnFrom(replica, hasLost)
      // It may have ended meanwhile and given its place back.
      else if (this.#index.find(id) === host) this.#letGo(host)
    })
  }

  /** Tells the sessions, some of them per turn, that a node's streams are closed. */
  loseNode(node: NodeId, isKilled: boolean): void {
    const returnMs = isKilled ? KILLED_RETURN_MS : undefined
    inTurns([...this.#index.hosts()], (host) => host.loseNode(node, returnMs))
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
        this.giveBack(input, address)
        this.#forget(ended)
      },
      onFailed: (failed, fault, error) => this.#judge(failed, fault, error),
    })
    this.#index.add(host)
    return host
  }

  #takeUp(replica: SessionReplica): void {
    // It was read while this process was ending: nobody would stop its timers.
    if (hasStopped(this.#actor)) {
      replica.stop()
      this.#options.commandLog.letGo(replica.id)
      return
    }
    this.#actor.send({ type: 'session.restore', address: replica.birth.address })
    this.#run(replica).takeOver()
  }

  /** Stops running a session that is not over; its readers come back, perhaps to another process. */
  #letGo(host: SessionHost): void {
    const { input, address } = host.birth
    host.stop()
    this.#index.remove(host)
    this.giveBack(input, address)
  }

  #forget(host: SessionHost): void {
    const { commandLog, telemetry, clock, observer } = this.#options
    this.#index.remove(host)
    commandLog.end(host.id)
    this.#index.remember(host.id)
    const reason = host.snapshot.context.endReason ?? 'failed'
    if (host.isStepOwn) {
      telemetry.sessionsEnded[reason] += 1
      const lastedMs = clock.now() - host.snapshot.context.createdAt
      telemetry.observe(telemetry.sessionDurations, lastedMs / MINUTE_MS)
    }
    observer?.ended(host, reason)
  }

  /** Restarts a session whose actor has failed, or gives it up if that happens too often. */
  #judge(host: SessionHost, fault: Fault, error: unknown): void {
    const { telemetry, observer, clock } = this.#options
    telemetry.actorFailures += 1
    observer?.failed(host, fault, error)
    const verdict = verdictOn(this.#actor, { type: 'session.failed', id: host.id, at: clock.now() })
    if (verdict?.type === 'restart' && verdict.isDue) {
      if (!host.restart()) return
      telemetry.actorRestarts += 1
      observer?.restarted(host)
    } else {
      observer?.givenUp(host)
      host.giveUp()
    }
  }
}
