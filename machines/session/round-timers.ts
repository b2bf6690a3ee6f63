import type { EpochMs } from '../ids.js'
import type { SessionContext } from './context.js'
import type { RoundTimer } from './round-timer.js'

/** All of the round's timers stand still from now on, if they did not already. */
export function holdTimers(context: SessionContext): SessionContext {
  return { ...context, heldAt: context.heldAt ?? context.now }
}

/** They go on with what was left: each is set off by the time for which they stood still. */
export function releaseTimers(context: SessionContext): SessionContext {
  const { heldAt, roundTimers, now } = context
  if (heldAt === null) return context
  const shifted = Object.entries(roundTimers).map(([name, dueAt]) => [name, dueAt + (now - heldAt)])
  return { ...context, heldAt: null, roundTimers: Object.fromEntries(shifted) }
}

/** The timers with one of them set. */
export function withTimer(context: SessionContext, timer: RoundTimer, dueAt: EpochMs): SessionContext {
  return { ...context, roundTimers: { ...context.roundTimers, [timer]: dueAt } }
}

/** The timers without those of a round that is over, or begins. */
export function withoutTimers(context: SessionContext): SessionContext {
  return { ...context, roundTimers: {} }
}

/** How long until a timer is due, as things stand; 0 when it was. `null`: the round has none. */
export function timerLeftMs({ roundTimers, heldAt, now }: SessionContext, timer: RoundTimer): number | null {
  const dueAt = roundTimers[timer]
  return dueAt === undefined ? null : Math.max(0, dueAt - (heldAt ?? now))
}
