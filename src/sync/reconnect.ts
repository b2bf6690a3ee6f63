import { syncStrategy } from '../../machines/session/sync-strategy.js'
import type { Change, Conflict, FullSyncReason } from '../wire/sync.js'
import type { ServerStateView } from '../wire/views.js'
import { type ClientState, knownState } from './client-state.js'
import { delta } from './delta.js'

/** How a client is brought up to date (contract section 7). */
export type Sync =
  | { readonly type: 'no_sync_needed' }
  | { readonly type: 'delta_sync'; readonly changes: readonly Change[] }
  | { readonly type: 'full_sync'; readonly reason: FullSyncReason }

/**
 * Decides how a client is brought from its state to the server's.
 * @param client - `null`: it knows nothing
 * @param wasCutOff - a network partition separated the client from the session
 */
export function syncFor(client: ClientState | null, server: ServerStateView, wasCutOff: boolean): Sync {
  if (wasCutOff) return { type: 'full_sync', reason: 'network_partition' }
  if (client === null) return { type: 'full_sync', reason: 'no_client_state' }
  const stamp = { version: server.state_version, checksum: server.state_checksum }
  switch (syncStrategy(knownState(client), stamp, wasCutOff)) {
    case 'no_sync_needed':
      return { type: 'no_sync_needed' }
    case 'delta_sync':
      return { type: 'delta_sync', changes: delta(client, server) }
    default:
      return { type: 'full_sync', reason: fullSyncReasonFor(client, server) }
  }
}

function fullSyncReasonFor({ version }: ClientState, { state_version }: ServerStateView): FullSyncReason {
  if (version > state_version) return 'ahead_of_server'
  return version === state_version ? 'checksum_mismatch' : 'too_far_behind'
}

/**
 * The conflicts between client and server about whether the round is revealed; the server is right. A round
 * without an id is the current one.
 */
export function conflictsOf(client: ClientState | null, server: ServerStateView): Conflict[] {
  const known = client?.currentRound
  const round = server.current_round
  if (known == null || round === null) return []
  const { id = round.id, is_revealed } = known
  if (id !== round.id || typeof is_revealed !== 'boolean' || is_revealed === round.is_revealed) return []
  return [
    {
      type: 'voting_reveal_conflict',
      client_state: is_revealed,
      server_state: round.is_revealed,
      resolution: 'Server state takes precedence',
    },
  ]
}
