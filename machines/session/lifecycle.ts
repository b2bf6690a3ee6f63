import type { EpochMs } from '../ids.js'
import type { SessionCommandOf } from './commands.js'
import type { SessionContext } from './context.js'
import type { EndReason } from './events.js'
import { accept, reach, record } from './record.js'
import { holdTimers } from './round-timers.js'
import { semanticsOf } from './semantics.js'

/** The Scrum Master pauses the session; votes stay, the round's timers stop. */
export function pause(context: SessionContext, command: SessionCommandOf<'session.pause'>): SessionContext {
  return record(holdTimers(accept(context, command.at)), { type: 'session_paused', reason: 'scrum_master' })
}

/** The session continues where it was. */
export function resume(context: SessionContext, command: SessionCommandOf<'session.resume'>): SessionContext {
  return record(accept(context, command.at), { type: 'session_resumed' })
}

/** Somebody asks for more time: the full idle time from now. */
export function extend(context: SessionContext, command: SessionCommandOf<'session.extend'>): SessionContext {
  return record(accept(context, command.at), { type: 'session_updated', reason: 'extended' })
}

/** The session is over; this is its last event. */
export function end(context: SessionContext, reason: EndReason): SessionContext {
  return record({ ...context, endReason: reason }, { type: 'session_expired', reason })
}

/** Adapts the participant's streams to their phone's battery and network. */
export function optimizeMobile(
  context: SessionContext,
  command: SessionCommandOf<'mobile.optimize'>,
): SessionContext {
  const next = accept(context, command.at)
  const others = next.mobile.filter((profile) => profile.userId !== command.by)
  return record(
    { ...next, mobile: [...others, command.profile] },
    { type: 'mobile_optimization_applied', userId: command.by },
  )
}

/** Announces when the session will expire unless somebody acts. */
export function warnOfExpiry(context: SessionContext): SessionContext {
  const { idleDeadline, settings } = context
  const next = reach(context, idleDeadline - settings.idleWarningMs)
  return record(
    { ...next, idleWarnedFor: idleDeadline },
    { type: 'session_expiring', expiresAt: idleDeadline, reason: 'timeout' },
  )
}

/** The idle time is over. */
export function expire(context: SessionContext): SessionContext {
  return end(reach(context, context.idleDeadline), 'timeout')
}

/** When the session ends even while in use; `null`: never. */
export function lifeDeadline({ createdAt, settings }: SessionContext): EpochMs | null {
  return settings.lifeMs === null ? null : createdAt + settings.lifeMs
}

/** When the session ends, by inactivity or by its lifetime: the earlier of the two. */
export function expiresAt(context: SessionContext): EpochMs {
  return Math.min(context.idleDeadline, lifeDeadline(context) ?? context.idleDeadline)
}

/**
 * Whether this end may be announced: only the one that comes first. Once somebody acts, that may be the other
 * one.
 */
export function isAnnounced(context: SessionContext, reason: 'timeout' | 'life_over'): boolean {
  const isLifeFirst = lifeDeadline(context) === expiresAt(context)
  return semanticsOf(context) === 1 || isLifeFirst === (reason === 'life_over')
}

/** Announces the end of the session's lifetime. */
export function warnOfLifeEnd(context: SessionContext): SessionContext {
  const deadline = lifeDeadline(context) ?? context.now
  const next = reach(context, deadline - context.settings.idleWarningMs)
  return record(
    { ...next, isLifeWarned: true },
    { type: 'session_expiring', expiresAt: deadline, reason: 'life_over' },
  )
}

/** The session's lifetime is over. */
export function endLife(context: SessionContext): SessionContext {
  return end(reach(context, lifeDeadline(context) ?? context.now), 'life_over')
}
