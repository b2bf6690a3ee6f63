import type { SessionCommandOf } from './commands.js'
import type { SessionContext } from './context.js'
import { withNudge } from './nudges.js'
import { accept, record } from './record.js'
import { isFulfilled, withRules } from './rules.js'
import { withoutSeatCode, withSeatCode } from './seat-codes.js'

/** The Scrum Master changes the settings; values that are already in effect produce no event. */
export function changeSettings(
  context: SessionContext,
  { at, wish }: SessionCommandOf<'settings.change'>,
): SessionContext {
  const next = accept(context, at)
  if (isFulfilled(next.rules, wish)) return next
  const rules = withRules(next.rules, wish)
  return record({ ...next, rules }, { type: 'session_updated', reason: 'settings' })
}

/** Somebody becomes a voter or an observer. */
export function changeRole(
  context: SessionContext,
  { at, userId, role }: SessionCommandOf<'role.change'>,
): SessionContext {
  const next = accept(context, at)
  const isNews = next.participants.some((one) => one.id === userId && one.role !== role)
  if (!isNews) return next
  const participants = next.participants.map((one) => (one.id === userId ? { ...one, role } : one))
  return record({ ...next, participants }, { type: 'role_changed', userId, role })
}

/** A participant has asked for a code that moves their seat to another device. */
export function offerSeat(
  context: SessionContext,
  { at, by, digest }: SessionCommandOf<'seat.offer'>,
): SessionContext {
  const next = accept(context, at)
  return { ...next, seatCodes: withSeatCode(next.seatCodes, { userId: by, digest }, next.now) }
}

/** The code was used and opens no seat again. */
export function takeSeat(
  context: SessionContext,
  { at, digest }: SessionCommandOf<'seat.take'>,
): SessionContext {
  const next = accept(context, at)
  return { ...next, seatCodes: withoutSeatCode(next.seatCodes, digest) }
}

/** The Scrum Master has asked somebody for their card. */
export function nudge(
  context: SessionContext,
  { at, by, userId }: SessionCommandOf<'participant.nudge'>,
): SessionContext {
  const next = accept(context, at)
  return record(
    { ...next, nudges: withNudge(next.nudges, userId, next.now) },
    { type: 'user_nudged', userId, by },
  )
}
