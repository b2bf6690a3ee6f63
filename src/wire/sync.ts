import * as z from 'zod'
import { checksum, userId, version } from './scalars.js'
import {
  roundView,
  serverStateView,
  sessionView,
  statisticsView,
  statusView,
  userView,
  voteView,
} from './views.js'

/** What `…/reconnect` takes and answers (contract section 7). */

/** A client's list may be longer than any session: it is what the client says, not what is true. */
const CLIENT_PARTICIPANTS_MAX = 1_000
/** More votes than fit in a body, if each is one. They are counted before any is looked at. */
const CLIENT_VOTES_MAX = 500

function withBoundedEntries<Schema extends z.ZodType>(schema: Schema, entriesMax: number) {
  return z.preprocess((value, { issues }) => {
    if (typeof value !== 'object' || value === null || Object.keys(value).length <= entriesMax) return value
    issues.push({ code: 'custom', message: `must have at most ${entriesMax} entries`, input: value })
    return z.NEVER
  }, schema)
}

/** A round as a client says that it was. */
const clientRound = roundView.extend({
  votes: withBoundedEntries(roundView.shape.votes, CLIENT_VOTES_MAX),
  statistics: statisticsView
    .extend({
      distribution: withBoundedEntries(statisticsView.shape.distribution, CLIENT_VOTES_MAX),
      mode: statisticsView.shape.mode.max(CLIENT_VOTES_MAX),
    })
    .nullable(),
})

export const clientState = z.strictObject({
  state_version: version,
  state_checksum: checksum,
  participants: z.array(userView).max(CLIENT_PARTICIPANTS_MAX).optional(),
  current_round: clientRound.nullable().optional(),
  session_id: z.string().optional(),
  status: statusView.optional(),
  scrum_master_id: userId.optional(),
  grace_period_active: z.boolean().optional(),
})

export const reconnectBody = z.object({ client_state: clientState.nullish() }).nullish()

export const changeView = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('participant_removed'), user_id: userId }),
  z.strictObject({ type: z.literal('participant_updated'), user: userView }),
  z.strictObject({
    type: z.literal('participant_added'),
    user: userView,
    position: z.int().min(0).meta({ description: 'index in the list, in the order of joining' }),
  }),
  z.strictObject({ type: z.literal('voting_state_changed'), current_round: roundView.nullable() }),
  z.strictObject({
    type: z.literal('status_changed'),
    status: statusView,
    scrum_master_id: userId,
    grace_period_active: z.boolean(),
  }),
])

export const conflictView = z.strictObject({
  field: z.literal('current_round.is_revealed'),
  client_value: z.boolean(),
  server_value: z.boolean(),
  resolution: z.literal('server_wins'),
})

export const permissionsView = z.strictObject({
  is_scrum_master: z.boolean(),
  is_participant: z.boolean(),
  can_start_voting: z.boolean(),
  can_reveal_votes: z.boolean(),
  can_vote: z.boolean(),
  can_pause: z.boolean(),
  can_resume: z.boolean(),
  can_kick_users: z.boolean(),
  can_reconnect_as_scrum_master: z.boolean(),
})

export const fullSyncReason = z.enum([
  'no_client_state',
  'too_far_behind',
  'ahead_of_server',
  'checksum_mismatch',
  'network_partition',
])

export const syncDataView = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('no_sync_needed'), state_version: version }),
  z.strictObject({
    type: z.literal('delta_sync'),
    from_version: version,
    to_version: version,
    changes: z.array(changeView),
  }),
  z.strictObject({
    type: z.literal('full_sync'),
    reason: fullSyncReason,
    session: sessionView,
    user_permissions: permissionsView,
    recommended_actions: z.array(z.string()),
  }),
])

export const reconnectResponseView = z.strictObject({
  success: z.literal(true),
  sync_data: syncDataView,
  server_state: serverStateView,
  conflicts_resolved: z.array(conflictView),
  your_vote: voteView.nullable(),
  message: z.string(),
})

export type ClientState = z.infer<typeof clientState>
export type Change = z.infer<typeof changeView>
export type Conflict = z.infer<typeof conflictView>
export type FullSyncReason = z.infer<typeof fullSyncReason>
export type ReconnectView = z.infer<typeof reconnectResponseView>
