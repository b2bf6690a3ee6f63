import { syncStrategy } from '../../machines/session/sync-strategy.js'
import type { Change, ClientState, Conflict, FullSyncReason } from '../wire/sync.js'
import type { ServerStateView } from '../wire/views.js'
import { delta } from './delta.js'

/** How a client is brought up to date (contract section 7). */
export type Sync =
  | { readonly type: 'no_sync_needed' }
  | { readonly type: 'delta_sync'; readonly changes: readonly Change[] }
  | { readonly type: 'full_sync'; readonly reason: FullSyncReason }

/**
 * Decides how a client is brought from its state to the server's.
 * @param wasCutOff - a network partition separated the client from the session
 */
export function syncFor(client: ClientState | null, server: ServerStateView, wasCutOff: boolean): Sync {
  if (wasCutOff) return { type: 'full_sync', reason: 'network_partition' }
  if (client === null) return { type: 'full_sync', reason: 'no_client_state' }
  const known = { version: client.state_version, checksum: client.state_checksum }
  const stamp = { version: server.state_version, checksum: server.state_checksum }
  switch (syncStrategy(known, stamp, wasCutOff)) {
    case 'no_sync_needed':
      return { type: 'no_sync_needed' }
    case 'delta_sync':
      return { type: 'delta_sync', changes: delta(client, server) }
    default:
      return { type: 'full_sync', reason: fullSyncReasonFor(client, server) }
  }
}

type Stamp = Pick<ServerStateView, 'state_version' | 'state_checksum'>

function fullSyncReasonFor(client: Stamp, server: Stamp): FullSyncReason {
  if (client.state_version > server.state_version) return 'ahead_of_server'
  return client.state_version === server.state_version ? 'checksum_mismatch' : 'too_far_behind'
}

/** Where client and server disagree whether the same round is revealed; the server is right. */
export function conflictsOf(client: ClientState | null, server: ServerStateView): Conflict[] {
  const known = client?.current_round
  const round = server.current_round
  if (known == null || round === null || known.id !== round.id || known.is_revealed === round.is_revealed)
    return []
  return [
    {
      field: 'current_round.is_revealed',
      client_value: known.is_revealed,
      server_value: round.is_revealed,
      resolution: 'server_wins',
    },
  ]
}
