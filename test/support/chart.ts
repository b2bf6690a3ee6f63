import { createActor } from 'xstate'
import type { RoundId, SessionId, UserId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import type { SessionSettings } from '../../machines/session/context.js'
import { type SessionActor, sessionMachine, statusOf } from '../../machines/session/machine.js'
import type { SessionStatus } from '../../machines/session/status.js'
import { SimulatedClock } from './simulated-clock.js'

export const MINUTE_MS = 60_000

export const SETTINGS: SessionSettings = {
  participantsMax: 16,
  idleMs: 10 * MINUTE_MS,
  idleWarningMs: 2 * MINUTE_MS,
  graceMs: 5 * MINUTE_MS,
  graceWarningMs: 2 * MINUTE_MS,
  revealMs: 3_000,
}

/** Ids that read well in a failure; the chart takes any text. */
export const ADA = 'ada' as UserId
export const BOB = 'bob' as UserId
export const CYD = 'cyd' as UserId
export const ROUND = 'round' as RoundId
export const SESSION = 'session' as SessionId

/** A command before its time: the chart under test puts the clock's on it. */
export type Untimed<Command = SessionCommand> = Command extends unknown ? Omit<Command, 'at'> : never

/** A session chart on a simulated clock. Ada leads it. */
export class Chart {
  readonly clock = new SimulatedClock()
  readonly actor: SessionActor
  #seen = 0

  constructor(settings: Partial<SessionSettings> = {}) {
    const creator = { id: ADA, name: 'Ada', avatar: 'fox' }
    const input = { id: SESSION, name: 'Sprint', creator, at: 0, settings: { ...SETTINGS, ...settings } }
    this.actor = createActor(sessionMachine, { clock: this.clock, input }).start()
  }

  get context() {
    return this.actor.getSnapshot().context
  }

  get status(): SessionStatus {
    return statusOf(this.actor.getSnapshot())
  }

  send(...commands: readonly Untimed[]): this {
    for (const command of commands) this.actor.send({ ...command, at: this.clock.now() })
    return this
  }

  /** Somebody joins; the name is the id. */
  join(...ids: readonly UserId[]): this {
    for (const userId of ids) this.send({ type: 'participant.join', userId, name: userId, avatar: 'owl' })
    return this
  }

  wait(ms: number): this {
    this.clock.increment(ms)
    return this
  }

  /** The types of the events that the newest step made since this was last asked. */
  newEvents(): string[] {
    const fresh = this.context.events.filter((event) => event.version > this.#seen)
    this.#seen = this.context.version
    return fresh.map((event) => event.type)
  }
}

/** Brings a chart with Ada and Bob into a status. */
export function chartIn(status: SessionStatus | 'abandoned', settings: Partial<SessionSettings> = {}): Chart {
  const chart = new Chart(settings).join(BOB)
  const start: Untimed = { type: 'round.start', by: ADA, roundId: ROUND }
  const vote: Untimed = { type: 'vote.cast', by: BOB, value: '5' }
  const reveal: Untimed = { type: 'round.reveal', by: ADA }
  switch (status) {
    case 'waiting':
      break
    case 'voting':
      chart.send(start, vote)
      break
    case 'revealing':
      chart.send(start, vote, reveal)
      break
    case 'results':
      chart.send(start, vote, reveal).wait(chart.context.settings.revealMs)
      break
    case 'paused':
      chart.send(start, vote, { type: 'session.pause', by: ADA })
      break
    case 'grace_period':
      chart.send(start, vote, { type: 'presence.lost', userId: ADA })
      break
    case 'abandoned':
      // Far enough apart not to be taken for one cut of the network.
      chart.send(start, vote, { type: 'presence.lost', userId: BOB }).wait(MINUTE_MS)
      chart.send({ type: 'presence.lost', userId: ADA }).wait(chart.context.settings.graceMs)
      break
    case 'ended':
      chart.send({ type: 'session.end', by: ADA })
      break
    default:
      throw new Error(`no way into ${status satisfies never}`)
  }
  chart.newEvents()
  return chart
}
