import * as z from 'zod'
import { participantOf } from '../../../machines/session/context.js'
import { syncStrategy } from '../../../machines/session/sync-strategy.js'
import { iso, mobileOf, userOf } from '../project.js'
import { timestamp, userId } from '../scalars.js'
import { mobileView, userView } from '../views.js'
import { assertFound, eventRecord } from './record.js'

const SECOND_MS = 1_000

/** Who is there, and how they are served. */
export const PEOPLE_EVENTS = {
  user_joined: eventRecord('user_joined', {
    data: z.strictObject({
      user_id: userId,
      user: userView,
      reconnected: z.boolean(),
      sync_strategy: z.enum(['no_sync_needed', 'delta_sync', 'full_sync']).optional(),
    }),
    meaning: 'Somebody took a seat, or came back (`reconnected`).',
    project: ({ userId: user_id, reconnected, sync }, { snapshot: { context }, checksum }) => {
      const user = userOf(assertFound(participantOf(context, user_id)))
      if (sync === null) return { user_id, user, reconnected }
      const { known, wasCutOff } = sync
      const server = { version: context.version, checksum: known?.checksum == null ? '' : checksum() }
      return { user_id, user, reconnected, sync_strategy: syncStrategy(known, server, wasCutOff) }
    },
  }),

  user_left: eventRecord('user_left', {
    data: z.strictObject({ user_id: userId, reason: z.enum(['left', 'kicked']) }),
    meaning: 'Somebody left or was removed; their unrevealed vote is gone with them.',
    project: ({ userId: user_id, reason }) => ({ user_id, reason }),
  }),

  user_disconnected: eventRecord('user_disconnected', {
    data: z.strictObject({ user_id: userId }),
    meaning: 'The last stream of a participant has been closed for longer than a page refresh.',
    project: ({ userId: user_id }) => ({ user_id }),
  }),

  mobile_optimization_applied: eventRecord('mobile_optimization_applied', {
    data: z.strictObject({ user_id: userId, optimizations: mobileView }),
    meaning: "A participant's streams are now adapted to their phone.",
    project: ({ userId: user_id }, { snapshot: { context } }) => {
      const profile = context.mobile.find((other) => other.userId === user_id)
      return { user_id, optimizations: mobileOf(assertFound(profile)) }
    },
  }),

  network_partition_detected: eventRecord('network_partition_detected', {
    data: z.strictObject({
      detected_at: timestamp,
      affected_clients: z.array(userId),
      partition_duration_seconds: z.int().min(0).nullable().meta({ description: 'null until it is over' }),
      recovery_strategy: z.literal('full_resync'),
      success: z.boolean(),
    }),
    meaning:
      'Many participants disconnected at once (`success` false), or the last of them is back (`success` true).',
    project: ({ detectedAt, endedAt, affected }) => ({
      detected_at: iso(detectedAt),
      affected_clients: [...affected],
      partition_duration_seconds: endedAt === null ? null : Math.round((endedAt - detectedAt) / SECOND_MS),
      recovery_strategy: 'full_resync' as const,
      success: endedAt !== null,
    }),
  }),
} as const
