import { statusOf } from '../../../machines/session/machine.js'
import { isCutOff } from '../../../machines/session/partition.js'
import { permissionsOf } from '../../../machines/session/permissions.js'
import { type ClientState, knownState, readClientState } from '../../sync/client-state.js'
import { besideDelta } from '../../sync/delta.js'
import { conflictsOf, type Sync, syncFor } from '../../sync/reconnect.js'
import type { After } from '../../wire/events/record.js'
import { ownVote, publicState } from '../../wire/project.js'
import { settingsOf } from '../../wire/settings.js'
import type { Conflict } from '../../wire/sync.js'
import { sessionIn } from '../execute.js'
import type { Handlers, RouteInput, RouteOutput } from '../route.js'

/** Participants: kick, transfer, reconnect (contract sections 5 and 7). */
export const participantRoutes = {
  kickParticipant: ({ services, by, params, execute }) => {
    const at = services.clock.now()
    const command = { type: 'participant.kick', at, by, userId: params.user_id } as const
    return execute(command, () => ({
      success: true,
      message: 'The participant is out of the session.',
    }))
  },

  transferLeadership: ({ services, by, query, execute }) => {
    const to = query.new_master_id
    const command = { type: 'leadership.transfer', at: services.clock.now(), by, to } as const
    return execute(command, () => ({ success: true, message: 'The role is handed over.' }))
  },

  reconnect: ({ services, by, body, execute }) => {
    const client = body?.client_state == null ? null : readClientState(body.client_state)
    const at = services.clock.now()
    const command = { type: 'participant.reconnect', at, by, known: knownState(client) } as const
    return execute(command, (after, { context: before }) => {
      const server = { ...publicState(after.snapshot), state_checksum: after.checksum() }
      const sync = syncFor(client, server, isCutOff(before, by))
      services.telemetry.reconnects[sync.type] += 1
      const conflicts = conflictsOf(client, server)
      const wasMissed = before.previousScrumMasterId === by
      return {
        success: true,
        sync_data: syncData(sync, { after, by, client, conflicts, wasMissed }),
        server_state: server,
        conflicts_resolved: conflicts,
        your_vote: ownVote(after.snapshot.context, by),
        message: MESSAGES[sync.type],
      }
    })
  },
} satisfies Partial<Handlers>

const MESSAGES: Readonly<Record<Sync['type'], string>> = {
  no_sync_needed: 'No synchronization needed',
  delta_sync: 'Performing delta synchronization',
  full_sync: 'Performing full synchronization',
}

const DELTA_ACTIONS = [
  'Apply incremental changes',
  'Resolve any UI conflicts',
  "Maintain user's current focus",
]

const FULL_ACTIONS = ['Update local session state', 'Refresh voting UI if needed', 'Update user list display']

type SyncData = RouteOutput<'reconnect'>['sync_data']

interface Returned extends Pick<RouteInput<'reconnect'>, 'by'> {
  readonly after: After
  readonly client: ClientState | null
  readonly conflicts: readonly Conflict[]
  /** Whether the session was waiting for them to lead it. */
  readonly wasMissed: boolean
}

function syncData(sync: Sync, returned: Returned): SyncData {
  switch (sync.type) {
    case 'no_sync_needed':
      return { type: sync.type, message: 'Client state is current' }
    case 'delta_sync':
      return {
        type: sync.type,
        changes: [...sync.changes, ...besideChanges(returned)],
        conflicts_resolved: [...returned.conflicts],
        recommended_actions: [...DELTA_ACTIONS],
      }
    case 'full_sync':
      return {
        type: sync.type,
        reason: sync.reason,
        session: sessionIn(returned.after),
        user_permissions: userPermissions(returned),
        recommended_actions: [...FULL_ACTIONS],
      }
    default:
      return sync satisfies never
  }
}

function besideChanges({ after, client }: Returned) {
  const { rules, storiesVersion } = after.snapshot.context
  const server = { settings: settingsOf(rules), stories_version: storiesVersion }
  return client === null ? [] : besideDelta(client, server)
}

function userPermissions({ after: { snapshot }, by, wasMissed }: Returned) {
  const { context } = snapshot
  const permissions = permissionsOf({ status: statusOf(snapshot), context }, by)
  return {
    is_scrum_master: permissions.isScrumMaster,
    is_participant: permissions.isParticipant,
    can_start_voting: permissions.canStartVoting,
    can_reveal_votes: permissions.canRevealVotes,
    can_vote: permissions.canVote,
    can_pause: permissions.canPause,
    can_resume: permissions.canResume,
    can_kick_users: permissions.canKickUsers,
    can_reconnect_as_scrum_master: permissions.isScrumMaster && wasMissed,
  }
}
