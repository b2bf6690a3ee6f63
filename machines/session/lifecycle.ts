import type { EpochMs } from '../ids.js'
import type { SessionCommandOf } from './commands.js'
import type { SessionContext } from './context.js'
import type { EndReason } from './events.js'
import { accept, reach, record } from './record.js'
import { holdTimers } from './round-timers.js'

/** The Scrum Master interrupts; votes stay, the round's timers stand still. */
export function pause(context: SessionContext, command: SessionCommandOf<'session.pause'>): SessionContext {
  return record(holdTimers(accept(context, command.at)), { type: 'session_paused', reason: 'scrum_master' })
}

/** The session goes on where it was. */
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

/** The participant's streams are served as their phone's battery and network ask. */
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

/** Says when the session will expire unless somebody acts. */
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

/** When the session ends whatever happens in it; `null`: never. */
export function lifeDeadline({ createdAt, settings }: SessionContext): EpochMs | null {
  return settings.lifeMs === null ? null : createdAt + settings.lifeMs
}

/** When the session ends unless somebody acts, or whatever happens: the earlier of the two. */
export function expiresAt(context: SessionContext): EpochMs {
  return Math.min(context.idleDeadline, lifeDeadline(context) ?? context.idleDeadline)
}

/** Says when the session's life will be over. */
export function warnOfLifeEnd(context: SessionContext): SessionContext {
  const deadline = lifeDeadline(context) ?? context.now
  const next = reach(context, deadline - context.settings.idleWarningMs)
  return record(
    { ...next, isLifeWarned: true },
    { type: 'session_expiring', expiresAt: deadline, reason: 'life_over' },
  )
}

/** The session has lived as long as it may. */
export function endLife(context: SessionContext): SessionContext {
  return end(reach(context, lifeDeadline(context) ?? context.now), 'life_over')
}
