import { statusOf } from '../../../machines/session/machine.js'
import { isCutOff } from '../../../machines/session/partition.js'
import { type Permissions, permissionsOf } from '../../../machines/session/permissions.js'
import { conflictsOf, type Sync, syncFor } from '../../sync/reconnect.js'
import { WireError } from '../../wire/errors.js'
import { ownVote } from '../../wire/project.js'
import { userId } from '../../wire/scalars.js'
import { executeOrThrow } from '../execute.js'
import type { Handlers, RouteInput, RouteOutput } from '../route.js'

/** Participants: kick, hand over, come back (contract sections 5 and 7). */
export const participantRoutes = {
  kickParticipant: ({ services, host, by, request }) => {
    const kicked = userId.safeParse(request.params['user_id'])
    if (!kicked.success) throw new WireError('USER_NOT_FOUND', { context: { user_id: null } })
    executeOrThrow(host, { type: 'participant.kick', at: services.clock.now(), by, userId: kicked.data })
    return { success: true, message: 'The participant is out of the session.' }
  },

  transferLeadership: ({ services, host, by, query }) => {
    const to = query.new_master_id
    executeOrThrow(host, { type: 'leadership.transfer', at: services.clock.now(), by, to })
    return { success: true, message: 'The role is handed over.' }
  },

  reconnect: (input) => {
    const { services, host, by, body } = input
    const client = body?.client_state ?? null
    const wasCutOff = isCutOff(host.snapshot.context, by)
    const known =
      client === null ? null : { version: client.state_version, checksum: client.state_checksum ?? null }
    executeOrThrow(host, { type: 'participant.reconnect', at: services.clock.now(), by, known })
    const server = host.serverState()
    const sync = syncFor(client, server, wasCutOff)
    services.telemetry.reconnects[sync.type] += 1
    return {
      success: true,
      sync_data: syncData(input, sync),
      server_state: server,
      conflicts_resolved: conflictsOf(client, server),
      your_vote: ownVote(host.snapshot.context, by),
      message: MESSAGES[sync.type],
    }
  },
} satisfies Partial<Handlers>

const MESSAGES: Readonly<Record<Sync['type'], string>> = {
  no_sync_needed: 'You are up to date.',
  delta_sync: 'Here is what you missed.',
  full_sync: 'Here is the whole session.',
}

type SyncData = NonNullable<RouteOutput<'reconnect'>>['sync_data']

function syncData({ host, by, body }: RouteInput<'reconnect'>, sync: Sync): SyncData {
  const { context } = host.snapshot
  switch (sync.type) {
    case 'no_sync_needed':
      return { type: sync.type, state_version: context.version }
    case 'delta_sync':
      return {
        type: sync.type,
        from_version: body?.client_state?.state_version ?? 0,
        to_version: context.version,
        changes: [...sync.changes],
      }
    case 'full_sync': {
      const permissions = permissionsOf({ status: statusOf(host.snapshot), context }, by)
      return {
        type: sync.type,
        reason: sync.reason,
        session: host.session(),
        user_permissions: permissionsView(permissions),
        recommended_actions: recommendedActions(permissions),
      }
    }
    default:
      return sync satisfies never
  }
}

function permissionsView(permissions: Permissions) {
  return {
    is_scrum_master: permissions.isScrumMaster,
    is_participant: permissions.isParticipant,
    can_start_voting: permissions.canStartVoting,
    can_reveal_votes: permissions.canRevealVotes,
    can_vote: permissions.canVote,
    can_pause: permissions.canPause,
    can_resume: permissions.canResume,
    can_kick_users: permissions.canKickUsers,
    can_reconnect_as_scrum_master: permissions.canReconnectAsScrumMaster,
  }
}

/** What makes sense to do next, most useful first. */
function recommendedActions(permissions: Permissions): string[] {
  const actions = [
    permissions.canResume && 'resume_session',
    permissions.canVote && 'cast_vote',
    permissions.canRevealVotes && 'reveal_votes',
    permissions.canStartVoting && 'start_voting',
  ]
  return actions.filter((action) => action !== false)
}
