import * as z from 'zod'
import type { EndReason } from '../../../machines/session/events.js'
import { expiresAt } from '../../../machines/session/lifecycle.js'
import { iso, roundEndsAt, statusAfter } from '../project.js'
import { timestamp } from '../scalars.js'
import { settingsOf, settingsView } from '../settings.js'
import { sessionView, statusView } from '../views.js'
import { eventRecord, message } from './record.js'

const END_MESSAGES: Readonly<Record<EndReason, string>> = {
  timeout: 'Nobody did anything for a while, so the session has ended.',
  ended: 'The Scrum Master has ended the session.',
  empty: 'Everybody has left, so the session has ended.',
  deserted: 'Nobody was here any more, and the place was needed.',
  life_over: 'The session has lasted as long as a session may.',
  failed: 'The session failed too often and had to be ended.',
}

const PAUSE_MESSAGES = {
  scrum_master: 'The Scrum Master has paused the session.',
  grace_period_expired: 'Nobody is here; the session waits for the first to come back.',
} as const

/** A session as a whole: interrupted, prolonged, over. */
export const LIFE_EVENTS = {
  session_updated: eventRecord('session_updated', {
    data: z.discriminatedUnion('reason', [
      z.strictObject({ reason: z.literal('connected'), session: sessionView }),
      z.strictObject({ reason: z.literal('extended'), expires_at: timestamp }),
      z.strictObject({ reason: z.literal('settings'), settings: settingsView }),
    ]),
    meaning:
      'As a notice, the whole session: the first frame of a new connection (`connected`). As an event, the part that changed: somebody postponed the expiry (`extended`) or changed the settings (`settings`).',
    project: ({ reason }, { snapshot: { context } }) =>
      reason === 'settings'
        ? { reason, settings: settingsOf(context.rules) }
        : { reason, expires_at: iso(expiresAt(context)) },
  }),

  session_paused: eventRecord('session_paused', {
    data: z.strictObject({ reason: z.enum(['scrum_master', 'grace_period_expired']), message }),
    meaning: 'The Scrum Master paused the session, or the grace period ended with nobody there.',
    project: ({ reason }) => ({ reason, message: PAUSE_MESSAGES[reason] }),
  }),

  session_resumed: eventRecord('session_resumed', {
    data: z.strictObject({ status: statusView, round_ends_at: timestamp.nullable() }),
    meaning: 'The session continues where it was.',
    project: (event, { snapshot }) => ({
      status: statusAfter(event, snapshot),
      round_ends_at: roundEndsAt(snapshot.context),
    }),
  }),

  session_expiring: eventRecord('session_expiring', {
    data: z.strictObject({ expires_at: timestamp, reason: z.enum(['timeout', 'life_over']) }),
    meaning:
      'The session is about to end: because of inactivity, unless somebody acts (`timeout`), or because its maximum lifetime is over, whatever anybody does (`life_over`). Only the end that comes first is announced; when somebody acts, that may become the other one.',
    project: ({ expiresAt, reason }) => ({ expires_at: iso(expiresAt), reason }),
  }),

  session_expired: eventRecord('session_expired', {
    data: z.strictObject({
      reason: z.enum(['timeout', 'ended', 'empty', 'deserted', 'life_over', 'failed']),
      message,
    }),
    meaning: 'The session is over. This is the last event; the stream ends after it.',
    project: ({ reason }) => ({ reason, message: END_MESSAGES[reason] }),
  }),
} as const
