import type { SessionCommandOf } from './commands.js'
import type { SessionContext } from './context.js'
import type { EndReason } from './events.js'
import { accept, observe, record } from './record.js'

/** The Scrum Master interrupts; votes stay, the round's timers stand still. */
export function pause(context: SessionContext, command: SessionCommandOf<'session.pause'>): SessionContext {
  const next = accept(context, command.at)
  return record({ ...next, heldAt: next.now }, { type: 'session_paused', reason: 'scrum_master' })
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

/** Lets the idle timer run for the newest deadline. */
export function armIdleTimer(context: SessionContext): SessionContext {
  return { ...context, idleArmedFor: context.idleDeadline }
}

/** The idle timer's warning is due: time is what it was set for. */
export function reachIdleWarning(context: SessionContext): SessionContext {
  return observe(context, context.idleArmedFor - context.settings.idleWarningMs)
}

/** Says when the session will expire unless somebody acts. */
export function warnOfExpiry(context: SessionContext): SessionContext {
  return record(context, { type: 'session_expiring', expiresAt: context.idleDeadline })
}

/** The idle time is over. */
export function expire(context: SessionContext): SessionContext {
  return end(observe(context, context.idleArmedFor), 'timeout')
}
