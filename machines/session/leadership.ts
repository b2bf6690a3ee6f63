import type { UserId } from '../ids.js'
import type { SessionCommandOf } from './commands.js'
import type { Grace, SessionContext } from './context.js'
import type { GraceEndReason, SuccessionReason } from './events.js'
import { accept, reach, record } from './record.js'
import { holdTimers } from './round-timers.js'
import { isLeaderOnline, successorOf } from './succession.js'

/** The Scrum Master transfers the role; transferring it to themself changes nothing. */
export function transfer(
  context: SessionContext,
  command: SessionCommandOf<'leadership.transfer'>,
): SessionContext {
  return withLeader(accept(context, command.at), command.to, 'transferred')
}

/** Makes another participant the leader; `undefined`: there is nobody else, and nothing changes. */
export function withLeader(
  context: SessionContext,
  scrumMasterId: UserId | undefined,
  reason: SuccessionReason,
): SessionContext {
  const previousId = context.scrumMasterId
  if (scrumMasterId === undefined || previousId === scrumMasterId) return context
  return record(
    { ...context, scrumMasterId, previousScrumMasterId: previousId },
    { type: 'scrum_master_changed', previousId, scrumMasterId, reason },
  )
}

/** Begins the wait for an absent Scrum Master; the round's timers stop meanwhile. */
export function startGrace(context: SessionContext): SessionContext {
  const { now, scrumMasterId } = context
  const { graceMs } = context.settings
  const expiresAt = now + graceMs
  return record(
    {
      ...holdTimers(context),
      grace: { scrumMasterId, startedAt: now, expiresAt, isWarned: false },
      previousScrumMasterId: scrumMasterId,
    },
    { type: 'grace_period_started', scrumMasterId, graceMs, expiresAt },
  )
}

/** Ends the wait because it is no longer needed: they are back, another leads, or nobody is left to wait. */
export function endGrace(context: SessionContext): SessionContext {
  return nobodyMissed(closeGrace(context, graceEndReason(context), true))
}

/** Warns that the grace period is about to end. */
export function warnOfGraceEnd(context: SessionContext): SessionContext {
  const grace = graceOf(context)
  const next = reach(context, grace.expiresAt - context.settings.graceWarningMs)
  return record(
    { ...next, grace: { ...grace, isWarned: true } },
    { type: 'grace_period_warning', remainingMs: grace.expiresAt - next.now },
  )
}

/** Time is up and somebody is online, who now leads. */
export function passLeadership(context: SessionContext): SessionContext {
  const next = reach(context, graceOf(context).expiresAt)
  const led = withLeader(next, successorOf(next), 'grace_period_expired')
  return closeGrace(led, 'grace_period_expired', true)
}

/** Time is up and nobody is online: the session waits, paused, for the first of those who were in it to come back. */
export function abandon(context: SessionContext): SessionContext {
  const heirs = context.participants.map(({ id }) => id)
  const next = { ...reach(context, graceOf(context).expiresAt), heirs }
  return record(closeGrace(next, 'grace_period_expired', false), {
    type: 'session_paused',
    reason: 'grace_period_expired',
  })
}

/** The first participant to come back to an abandoned session leads it, and it continues. */
export function takeUp(context: SessionContext): SessionContext {
  const led = nobodyMissed(withLeader(context, returnedHeir(context), 'returned'))
  return record({ ...led, heirs: [] }, { type: 'session_resumed' })
}

/** The participant of an abandoned session who is back; newcomers join and wait. */
export function returnedHeir({ participants, heirs }: SessionContext): UserId | undefined {
  return participants.find(({ id, isOnline }) => isOnline && heirs.includes(id))?.id
}

/** A Scrum Master who was waited for and still leads has no predecessor. */
function nobodyMissed(context: SessionContext): SessionContext {
  const { scrumMasterId, previousScrumMasterId } = context
  return previousScrumMasterId === scrumMasterId ? { ...context, previousScrumMasterId: null } : context
}

/**
 * The grace period.
 * @throws {Error} if there is none: only its own states use this
 */
function graceOf({ grace }: SessionContext): Grace {
  if (grace === null) throw new Error('nobody is waited for')
  return grace
}

function closeGrace(context: SessionContext, reason: GraceEndReason, resumed: boolean): SessionContext {
  return record({ ...context, grace: null }, { type: 'grace_period_ended', reason, resumed })
}

function graceEndReason(context: SessionContext): GraceEndReason {
  if (graceOf(context).scrumMasterId !== context.scrumMasterId) return 'scrum_master_changed'
  return isLeaderOnline(context) ? 'scrum_master_returned' : 'nobody_waiting'
}
