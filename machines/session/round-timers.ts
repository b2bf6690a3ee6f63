import type { EpochMs } from '../ids.js'
import type { SessionContext } from './context.js'
import type { RoundTimer } from './round-timer.js'

/** Stops all of the round's timers, if they are running. */
export function holdTimers(context: SessionContext): SessionContext {
  return { ...context, heldAt: context.heldAt ?? context.now }
}

/** Restarts them with the time they had left: each is moved by the time for which it was stopped. */
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

/** The timers without those of a round that ends or begins. */
export function withoutTimers(context: SessionContext): SessionContext {
  return { ...context, roundTimers: {} }
}

/** How long until a timer is due, as of now; 0 if it is overdue. `null`: the round has none. */
export function timerLeftMs({ roundTimers, heldAt, now }: SessionContext, timer: RoundTimer): number | null {
  const dueAt = roundTimers[timer]
  return dueAt === undefined ? null : Math.max(0, dueAt - (heldAt ?? now))
}
