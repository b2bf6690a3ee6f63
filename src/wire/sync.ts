import * as z from 'zod'
import { userId, version } from './scalars.js'
import { settingsView } from './settings.js'
import { roundView, serverStateView, sessionView, statusView, userView, voteView } from './views.js'

/** Input and output of `…/reconnect` (contract section 7). */

/** Never copied, so that a member named `__proto__` stays a member. */
const anyObject = z
  .custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    { error: 'must be an object' },
  )
  .meta({ type: 'object' })

export const reconnectBody = z
  .object({
    client_state: anyObject.nullish().meta({
      description:
        'The state that the client has: any object, such as a whole `Session`. The server reads `state_version`, `state_checksum`, `participants`, `current_round`, `status`, `scrum_master_id`, `settings` and `stories_version`, if they have the shapes of `Session`, and ignores everything else. Omit it or send `{}` if the client has no state.',
      examples: [{ state_version: 3, state_checksum: '0123456789abcdef' }],
    }),
  })
  .nullish()

export const changeView = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('participant_removed'),
    data: z.strictObject({ id: z.string().meta({ description: 'the id that the client sent' }) }),
  }),
  z.strictObject({ type: z.literal('participant_updated'), data: userView }),
  z.strictObject({
    type: z.literal('participant_added'),
    data: userView,
    position: z.int().min(0).meta({ description: 'index in the list, which is in joining order' }),
  }),
  z.strictObject({ type: z.literal('voting_state_changed'), data: roundView.nullable() }),
  z.strictObject({
    type: z.literal('status_changed'),
    data: z.strictObject({
      status: statusView,
      scrum_master_id: userId,
      grace_period_active: z.boolean(),
    }),
  }),
  z.strictObject({ type: z.literal('settings_changed'), data: settingsView }),
  z.strictObject({
    type: z.literal('stories_changed'),
    data: z
      .strictObject({ stories_version: version })
      .meta({ description: 'the stories must be read again' }),
  }),
])

export const conflictView = z.strictObject({
  type: z.literal('voting_reveal_conflict'),
  client_state: z.boolean().meta({ description: 'whether the client considered the round revealed' }),
  server_state: z.boolean(),
  resolution: z.literal('Server state takes precedence'),
})

export const permissionsView = z.strictObject({
  is_scrum_master: z.boolean(),
  is_participant: z.boolean(),
  can_start_voting: z.boolean(),
  can_reveal_votes: z.boolean(),
  can_vote: z.boolean(),
  can_pause: z.boolean(),
  can_resume: z.boolean(),
  can_kick_users: z.boolean().meta({ description: 'depends on the role only, not on who is there' }),
  can_reconnect_as_scrum_master: z.boolean().meta({ description: 'this call has returned the role' }),
})

export const fullSyncReason = z.enum([
  'no_client_state',
  'too_far_behind',
  'ahead_of_server',
  'checksum_mismatch',
  'network_partition',
])

const recommendedActions = z.array(z.string()).meta({ description: 'sentences that say what to do' })

export const syncDataView = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('no_sync_needed'), message: z.string() }),
  z.strictObject({
    type: z.literal('delta_sync'),
    changes: z.array(changeView),
    conflicts_resolved: z.array(conflictView),
    recommended_actions: recommendedActions,
  }),
  z.strictObject({
    type: z.literal('full_sync'),
    reason: fullSyncReason,
    session: sessionView,
    user_permissions: permissionsView,
    recommended_actions: recommendedActions,
  }),
])

export const reconnectResponseView = z.strictObject({
  success: z.literal(true),
  sync_data: syncDataView,
  server_state: serverStateView,
  conflicts_resolved: z.array(conflictView),
  your_vote: voteView
    .nullable()
    .meta({ description: "the caller's own vote while it is hidden from others" }),
  message: z.string(),
})

export type Change = z.infer<typeof changeView>
export type Conflict = z.infer<typeof conflictView>
export type FullSyncReason = z.infer<typeof fullSyncReason>
export type ReconnectView = z.infer<typeof reconnectResponseView>
