import { createActor } from 'xstate'
import type { NodeId, SessionId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionInput, SessionSettings } from '../../machines/session/context.js'
import type { EndReason } from '../../machines/session/events.js'
import { type SessionMachine, sessionMachine } from '../../machines/session/machine.js'
import { type AdmissionRefusal, admission, type SessionCensus } from '../../machines/supervisor/admission.js'
import { type SupervisorActor, supervisorMachine } from '../../machines/supervisor/machine.js'
import type { OnActor } from './running-actor.js'
import type { CommandLog } from './command-log.js'
import type { Fault } from './outcome.js'
import { SessionHost } from './session-host.js'
import type { Telemetry } from './telemetry.js'
import type { Turn } from './turn.js'

/** The most sessions whose end is remembered, so that a late client learns that it is over and not unknown. */
const ENDED_REMEMBERED_MAX = 1_000

/** Hears what becomes of sessions, after it has happened. */
export interface SupervisorObserver {
  created(host: SessionHost): void
  /** @param reason - `failed` as well when the actor could not even end properly */
  ended(host: SessionHost, reason: EndReason): void
  /** A session's actor failed; it is restarted or given up after this. */
  failed(host: SessionHost, fault: Fault, error: unknown): void
  restarted(host: SessionHost): void
  /** It failed too often; its session ends after this. */
  givenUp(host: SessionHost): void
}

export interface SupervisorOptions {
  readonly clock: Clock
  /** Concurrent sessions at most. */
  readonly sessionsMax: number
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

/** All sessions of this process, and the supervisor actor that decides about them. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #hosts = new Map<SessionId, SessionHost>()
  readonly #ended = new Set<SessionId>()
  readonly #actor: SupervisorActor

  constructor(options: SupervisorOptions) {
    this.#options = options
    const { clock, sessionsMax, desertedMs } = options
    this.#actor = createActor(supervisorMachine, { clock, input: { sessionsMax, desertedMs } })
    this.#obey()
    options.onActor?.({ kind: 'supervisor', actor: this.#actor })
    this.#actor.start()
  }

  /** How many sessions there are, and may be. */
  get capacity(): { readonly active: number; readonly max: number } {
    return { active: this.#hosts.size, max: this.#options.sessionsMax }
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

  /** Whether this session was here and is over, as far as that is remembered. */
  hasEnded(id: SessionId): boolean {
    return this.#ended.has(id)
  }

  /** Makes a session if a place is free, or if a deserted one can give its place. */
  create(input: Omit<SessionInput, 'settings'>): SessionHost | AdmissionRefusal {
    const { clock, machine, settings, eventLogSize, commandLog, node, telemetry, turn, onActor } =
      this.#options
    const at = clock.now()
    const census = this.#census()
    const verdict = admission(this.#options, census, at)
    if ('code' in verdict) return verdict
    this.#actor.send({ type: 'session.admit', id: input.id, at, census })
    const host = new SessionHost(
      { ...input, settings },
      {
        machine: machine ?? sessionMachine,
        clock,
        eventLogSize,
        commandLog,
        node,
        onActor,
        telemetry,
        turn,
        onEnded: (ended) => this.#retire(ended),
        onFailed: (failed, fault, error) => this.#reportFault(failed, fault, error),
      },
    )
    this.#hosts.set(host.id, host)
    this.#options.telemetry.sessionsCreated += 1
    this.#options.observer?.created(host)
    return host
  }

  /** No session is made from here on. */
  drain(): void {
    this.#actor.send({ type: 'server.drain' })
  }

  /** The end: timers stop, readers end. */
  stop(): void {
    this.#actor.send({ type: 'server.stop' })
    for (const host of this.#hosts.values()) host.stop()
    this.#hosts.clear()
  }

  #census(): SessionCensus[] {
    return [...this.#hosts.values()].map((host) => ({
      id: host.id,
      emptySince: host.snapshot.context.emptySince,
    }))
  }

  #retire(host: SessionHost): void {
    this.#hosts.delete(host.id)
    this.#ended.add(host.id)
    const [oldest] = this.#ended
    if (this.#ended.size > ENDED_REMEMBERED_MAX && oldest !== undefined) this.#ended.delete(oldest)
    this.#actor.send({ type: 'session.retire', id: host.id })
    const reason = host.snapshot.context.endReason ?? 'failed'
    this.#options.telemetry.sessionsEnded[reason] += 1
    this.#options.observer?.ended(host, reason)
  }

  #reportFault(host: SessionHost, fault: Fault, error: unknown): void {
    this.#options.telemetry.actorFailures += 1
    this.#options.observer?.failed(host, fault, error)
    this.#actor.send({ type: 'session.failed', id: host.id, at: this.#options.clock.now() })
  }

  /** Does what the supervisor actor decides. */
  #obey(): void {
    const { clock } = this.#options
    this.#actor.on('session_evicted', ({ id }) => {
      this.#hosts.get(id)?.propose({ type: 'session.terminate', at: clock.now(), reason: 'deserted' })
    })
    this.#actor.on('capacity_warning', ({ active, max }) => {
      const data = { active_sessions: active, max_sessions: max, available_slots: max - active }
      for (const host of this.#hosts.values()) host.notify('session_capacity_warning', data)
    })
    this.#actor.on('restart_due', ({ id }) => {
      const host = this.#hosts.get(id)
      if (host?.restart() !== true) return
      this.#options.telemetry.actorRestarts += 1
      this.#options.observer?.restarted(host)
    })
    this.#actor.on('restart_refused', ({ id }) => {
      const host = this.#hosts.get(id)
      if (host !== undefined) this.#options.observer?.givenUp(host)
      host?.giveUp()
    })
  }
}
