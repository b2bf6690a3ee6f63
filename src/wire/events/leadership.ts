import * as z from 'zod'
import type { GraceEndReason, SuccessionReason } from '../../../machines/session/events.js'
import { iso, roundEndsAt, statusAfter } from '../project.js'
import { timestamp, userId } from '../scalars.js'
import { statusView } from '../views.js'
import { eventRecord, message, minutesOf, minutesText } from './record.js'

const SUCCESSION_MESSAGES: Readonly<Record<SuccessionReason, string>> = {
  transferred: 'The Scrum Master has handed the role over.',
  left: 'The Scrum Master has left; another participant leads now.',
  grace_period_expired: 'Grace period expired. Scrum Master role transferred to next participant.',
  returned: 'The first to come back leads now.',
}

const GRACE_END_REASONS = {
  scrum_master_returned: 'Scrum Master reconnected',
  scrum_master_changed: 'Scrum Master changed',
  grace_period_expired: 'Grace period expired',
  nobody_waiting: 'Nobody is waiting',
} as const satisfies Record<GraceEndReason, string>

/** Who leads, and the wait for a Scrum Master who is away. */
export const LEADERSHIP_EVENTS = {
  scrum_master_changed: eventRecord('scrum_master_changed', {
    data: z.strictObject({
      previous_scrum_master_id: userId,
      scrum_master_id: userId,
      reason: z.enum(['transferred', 'left', 'grace_period_expired', 'returned']),
      message,
    }),
    meaning: 'Another participant is now the Scrum Master.',
    project: ({ previousId, scrumMasterId, reason }) => ({
      previous_scrum_master_id: previousId,
      scrum_master_id: scrumMasterId,
      reason,
      message: SUCCESSION_MESSAGES[reason],
    }),
  }),

  grace_period_started: eventRecord('grace_period_started', {
    data: z.strictObject({
      disconnected_scrum_master_id: userId,
      grace_period_minutes: z.number(),
      expires_at: timestamp,
      message,
    }),
    meaning: 'The Scrum Master is away; the session waits for them.',
    project: ({ scrumMasterId, graceMs, expiresAt }) => ({
      disconnected_scrum_master_id: scrumMasterId,
      grace_period_minutes: minutesOf(graceMs),
      expires_at: iso(expiresAt),
      message: `Scrum Master disconnected. Session paused for ${minutesText(graceMs)}.`,
    }),
  }),

  grace_period_warning: eventRecord('grace_period_warning', {
    data: z.strictObject({ minutes_remaining: z.number(), message }),
    meaning: 'The time for the Scrum Master to come back is running out.',
    project: ({ remainingMs }) => ({
      minutes_remaining: minutesOf(remainingMs),
      message: `Grace period ending in ${minutesText(remainingMs)}. Scrum Master role will be transferred.`,
    }),
  }),

  grace_period_ended: eventRecord('grace_period_ended', {
    data: z.strictObject({
      reason: z.enum(Object.values(GRACE_END_REASONS)),
      session_resumed: z.boolean(),
      status: statusView.meta({ description: "the session's status now" }),
      round_ends_at: timestamp.nullable(),
      message,
    }),
    meaning: 'The wait is over: the Scrum Master is back, another participant leads, or the time is up.',
    project: (event, { snapshot }) => ({
      reason: GRACE_END_REASONS[event.reason],
      session_resumed: event.resumed,
      status: statusAfter(event, snapshot),
      round_ends_at: roundEndsAt(snapshot.context),
      message: GRACE_END_REASONS[event.reason],
    }),
  }),
} as const
