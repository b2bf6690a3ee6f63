import * as z from 'zod'
import { checksum, roundId, sessionId, timestamp, userId, version } from './scalars.js'
import { mobileView, sessionView, statisticsView, statusView, userView, voteView } from './views.js'

const message = z.string().meta({ description: 'one sentence for a person' })

/** The `data` of every type of frame that a stream carries (contract section 6). */
export const EVENT_DATA = {
  session_updated: z.strictObject({ session: sessionView, reason: z.enum(['connected', 'extended']) }),
  user_joined: z.strictObject({
    user_id: userId,
    user: userView,
    reconnected: z.boolean(),
    sync_strategy: z.enum(['no_sync_needed', 'delta_sync', 'full_sync']).optional(),
  }),
  user_left: z.strictObject({ user_id: userId, reason: z.enum(['left', 'kicked']) }),
  user_disconnected: z.strictObject({ user_id: userId }),
  voting_started: z.strictObject({ round_id: roundId, started_at: timestamp }),
  vote_submitted: z.strictObject({
    user_id: userId,
    submitted_at: timestamp,
    votes_cast: z.int().min(0),
    participants: z.int().min(0),
  }),
  votes_revealed: z.strictObject({
    round_id: roundId,
    votes: z.record(userId, voteView),
    statistics: statisticsView,
  }),
  round_completed: z.strictObject({
    round_id: roundId,
    statistics: statisticsView,
    duration_seconds: z.number().min(0).meta({ description: 'from the start to the reveal' }),
  }),
  session_paused: z.strictObject({ reason: z.enum(['scrum_master', 'grace_period_expired']), message }),
  session_resumed: z.strictObject({ status: statusView }),
  session_expiring: z.strictObject({ expires_at: timestamp, reason: z.enum(['timeout', 'life_over']) }),
  session_expired: z.strictObject({
    reason: z.enum(['timeout', 'ended', 'empty', 'deserted', 'life_over', 'failed']),
    message,
  }),
  scrum_master_changed: z.strictObject({
    previous_scrum_master_id: userId,
    scrum_master_id: userId,
    reason: z.enum(['transferred', 'left', 'grace_period_expired', 'returned']),
    message,
  }),
  grace_period_started: z.strictObject({
    disconnected_scrum_master_id: userId,
    grace_period_minutes: z.number(),
    expires_at: timestamp,
    message,
  }),
  grace_period_warning: z.strictObject({ minutes_remaining: z.number(), message }),
  grace_period_ended: z.strictObject({
    reason: z.enum([
      'scrum_master_returned',
      'scrum_master_changed',
      'grace_period_expired',
      'nobody_waiting',
    ]),
    session_resumed: z.boolean(),
    status: statusView.meta({ description: 'where the session is now' }),
    message,
  }),
  session_capacity_warning: z.strictObject({
    active_sessions: z.int(),
    max_sessions: z.int(),
    available_slots: z.int(),
  }),
  mobile_optimization_applied: z.strictObject({ user_id: userId, optimizations: mobileView }),
  state_sync_required: z.strictObject({ reason: z.string(), session: sessionView }),
  error_recovery_needed: z.strictObject({
    error_code: z.string(),
    message,
    recovery_actions: z.array(z.string()),
  }),
  network_partition_detected: z.strictObject({
    detected_at: timestamp,
    affected_clients: z.array(userId),
    recovery_strategy: z.literal('full_resync'),
    success: z.boolean(),
  }),
} as const

export type EventType = keyof typeof EVENT_DATA

/** Every type of frame, in the order of the contract's table. */
export const EVENT_TYPES = Object.keys(EVENT_DATA) as readonly EventType[]
export type EventData<Type extends EventType> = z.infer<(typeof EVENT_DATA)[Type]>

/** What the `data:` line of a frame holds. */
export interface Envelope<Type extends EventType = EventType> {
  readonly type: Type
  readonly session_id: string
  readonly timestamp: string
  readonly state_version: number
  /** Of the state after the command, on the last event that it made; `null` on those before it. */
  readonly state_checksum: string | null
  readonly data: EventData<Type>
}

/** An envelope of any type, told apart by `type`. */
export type AnyEnvelope = { [Type in EventType]: Envelope<Type> }[EventType]

/** The schema of each type's envelope, and of any. */
export const ENVELOPES = EVENT_TYPES.map((type) =>
  z.strictObject({
    type: z.literal(type),
    session_id: sessionId,
    timestamp,
    state_version: version,
    state_checksum: checksum.nullable(),
    data: EVENT_DATA[type],
  }),
)

/** What any frame's `data:` line holds, told apart by `type`. */
export const eventView = z.union(ENVELOPES)
