import { type AnyActorRef, createActor, type Snapshot } from 'xstate'
import type { NodeId, RoundId, SessionId, TokenDigest, UserId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import type { SessionInput, SessionSettings } from '../../machines/session/context.js'
import type { SessionEvent } from '../../machines/session/events.js'
import {
  type SessionActor,
  type SessionSnapshot,
  sessionMachine,
  statusOf,
} from '../../machines/session/machine.js'
import type { SessionRules } from '../../machines/session/rules.js'
import { SEMANTICS } from '../../machines/session/semantics.js'
import type { SessionStatus } from '../../machines/session/status.js'
import { nextTimer } from '../../machines/session/timers.js'
import { SimulatedClock } from './simulated-clock.js'

export const MINUTE_MS = 60_000

/** No step of a test fires more timers than this. */
const TIMERS_MAX = 1_000

export const SETTINGS: SessionSettings = {
  participantsMax: 16,
  // Whoever closes their last stream is away at once.
  debounceMs: 0,
  presenceMs: MINUTE_MS,
  lifeMs: null,
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
export const NODE = 'node' as NodeId
export const TOKEN_DIGEST = 'digest' as TokenDigest

/** Timers are fired by whoever holds an actor, never by XState. */
export const NO_TIMERS = { setTimeout: () => null, clearTimeout: () => {} }

/** A participant's only stream closes. */
export const lost = (userId: UserId) => ({ type: 'presence.streams', userId, node: NODE, open: 0 }) as const

/** A participant opens their only stream. */
export const returned = (userId: UserId) =>
  ({ type: 'presence.streams', userId, node: NODE, open: 1 }) as const

/** A command without its time: the chart under test adds the clock's. */
export type Untimed<Command = SessionCommand> = Command extends unknown ? Omit<Command, 'at'> : never

/** What one command or timer made, and the state it left. */
export interface Step {
  readonly snapshot: SessionSnapshot
  readonly events: readonly SessionEvent[]
}

/** A session chart on a simulated clock, whose timers fire as a host's do. Ada leads it, a stream open. */
export class Chart {
  readonly clock = new SimulatedClock()
  readonly #input: SessionInput
  #actor: SessionActor
  #steps: readonly Step[] = []
  #fault: { readonly error: unknown } | null = null

  /** @param semantics - default: those of new sessions */
  constructor(
    settings: Partial<SessionSettings> = {},
    rules: Partial<SessionRules> = {},
    semantics: number = SEMANTICS.max,
  ) {
    const creator = { id: ADA, name: 'Ada', avatar: 'fox' }
    this.#input = {
      id: SESSION,
      name: 'Sprint',
      creator,
      tokenDigest: TOKEN_DIGEST,
      at: 0,
      settings: { ...SETTINGS, ...settings },
      rules,
      semantics,
    }
    this.#actor = this.#started()
    this.send(returned(ADA))
  }

  get actor(): SessionActor {
    return this.#actor
  }

  get context() {
    return this.actor.getSnapshot().context
  }

  get status(): SessionStatus {
    return statusOf(this.actor.getSnapshot())
  }

  /** Continues with another actor, made from this one's state as JSON. */
  restored(): this {
    const snapshot = JSON.parse(JSON.stringify(this.#actor.getPersistedSnapshot()))
    this.#actor.stop()
    this.#actor = this.#started(snapshot)
    return this
  }

  send(...commands: readonly Untimed[]): this {
    for (const command of commands) {
      const timed: SessionCommand = { ...command, at: this.clock.now() }
      this.#step(timed)
      this.#fireUntil(this.clock.now())
    }
    return this
  }

  /** Somebody joins and opens a stream; the name is the id. */
  join(...ids: readonly UserId[]): this {
    for (const userId of ids) {
      this.send(
        { type: 'participant.join', userId, name: userId, avatar: 'owl', tokenDigest: TOKEN_DIGEST },
        returned(userId),
      )
    }
    return this
  }

  wait(ms: number): this {
    const end = this.clock.now() + ms
    this.#fireUntil(end)
    this.clock.increment(end - this.clock.now())
    return this
  }

  /** The types of the events made since this was last asked. */
  newEvents(): string[] {
    return this.newSteps().flatMap(({ events }) => events.map(({ type }) => type))
  }

  /** The steps, including timers', since this was last asked that made something. */
  newSteps(): readonly Step[] {
    const steps = this.#steps
    this.#steps = []
    return steps
  }

  /** What a step throws is thrown to whoever sent it, and not later to nobody. */
  #started(snapshot?: Snapshot<unknown>): SessionActor {
    const options = { input: this.#input, clock: NO_TIMERS }
    const actor = createActor(sessionMachine, snapshot === undefined ? options : { ...options, snapshot })
    actor.subscribe({
      error: (error) => {
        this.#fault = { error }
      },
    })
    return actor.start()
  }

  #fireUntil(end: number): void {
    for (let fired = 0; ; fired += 1) {
      if (fired > TIMERS_MAX) throw new Error('timers fire without end')
      const timer = nextTimer(this.actor.getSnapshot())
      if (timer === null || timer.dueAt > end) return
      this.clock.increment(Math.max(0, timer.dueAt - this.clock.now()))
      this.#step(timer.event)
    }
  }

  #step(event: { readonly type: string }): void {
    const { version } = this.context
    const actor: AnyActorRef = this.actor
    actor.send(event)
    if (this.#fault !== null) throw this.#fault.error
    const events = this.context.events.filter((made) => made.version > version)
    if (events.length > 0) this.#steps = [...this.#steps, { snapshot: this.actor.getSnapshot(), events }]
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
      chart.send(start, vote, lost(ADA))
      break
    case 'abandoned':
      // Far enough apart not to count as one network cut.
      chart.send(start, vote, lost(BOB)).wait(MINUTE_MS)
      chart.send(lost(ADA)).wait(chart.context.settings.graceMs)
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
