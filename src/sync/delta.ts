import { isDeepStrictEqual } from 'node:util'
import type { Change } from '../wire/sync.js'
import type { PublicState, SessionView, UserView } from '../wire/views.js'
import type { ClientState, ClientUser } from './client-state.js'

/**
 * The changes that turn the client's state into the server's, computed from the state that the client sent
 * (contract section 7). Whatever it did not send counts as unknown and is included. Participants are removed,
 * then updated, then added at their positions, in the order of this list.
 */
export function delta(client: ClientState, server: PublicState): readonly Change[] {
  return [
    ...participantChanges(client.participants ?? [], server.participants),
    ...roundChanges(client, server),
    ...statusChanges(client, server),
  ]
}

/** The data of a session outside its public state: no checksum covers it, so a client may not have it at all. */
export type BesideState = Pick<SessionView, 'settings' | 'stories_version'>

/** The changes to that data; a client without any of it can read it. */
export function besideDelta(
  { settings, storiesVersion }: ClientState,
  server: BesideState,
): readonly Change[] {
  const hasOtherSettings = settings !== undefined && !isDeepStrictEqual(settings, server.settings)
  const { stories_version } = server
  const hasOtherStories = storiesVersion !== undefined && storiesVersion !== stories_version
  return [
    ...(hasOtherSettings ? [{ type: 'settings_changed', data: server.settings } as const] : []),
    ...(hasOtherStories ? [{ type: 'stories_changed', data: { stories_version } } as const] : []),
  ]
}

function participantChanges(client: readonly ClientUser[], server: readonly UserView[]): Change[] {
  const known = distinct(client)
  const kept = new Map<string, ClientUser>(inServerOrder(known, server).map((user) => [user.id, user]))
  const changes: Change[] = []
  for (const { id } of known) {
    if (!kept.has(id)) changes.push({ type: 'participant_removed', data: { id } })
  }
  for (const user of server) {
    const old = kept.get(user.id)
    if (old !== undefined && !isDeepStrictEqual(old, user))
      changes.push({ type: 'participant_updated', data: user })
  }
  for (const [position, user] of server.entries()) {
    if (!kept.has(user.id)) changes.push({ type: 'participant_added', data: user, position })
  }
  return changes
}

/** The client's participants who are still there and in the server's order; the others are sent again. */
function inServerOrder(known: readonly ClientUser[], server: readonly UserView[]): ClientUser[] {
  const positions = new Map<string, number>(server.map((user, position) => [user.id, position]))
  let last = -1
  return known.filter((user) => {
    const position = positions.get(user.id)
    // Stryker disable next-line EqualityOperator: nobody is in the list twice
    if (position === undefined || position < last) return false
    last = position
    return true
  })
}

function roundChanges({ currentRound }: ClientState, { current_round }: PublicState): Change[] {
  if (isDeepStrictEqual(currentRound, current_round)) return []
  return [{ type: 'voting_state_changed', data: current_round }]
}

/** The status says whether the session is waiting for its Scrum Master. */
function statusChanges(client: ClientState, server: PublicState): Change[] {
  const { status, scrum_master_id, grace_period_active } = server
  if (client.status === status && client.scrumMasterId === scrum_master_id) return []
  return [{ type: 'status_changed', data: { status, scrum_master_id, grace_period_active } }]
}

/** No server sends a list with duplicates; the first mention counts. */
function distinct(users: readonly ClientUser[]): ClientUser[] {
  const seen = new Set<string>()
  return users.filter((user) => !seen.has(user.id) && seen.add(user.id))
}
