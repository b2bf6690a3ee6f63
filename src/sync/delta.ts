import { isDeepStrictEqual } from 'node:util'
import type { Change, ClientState } from '../wire/sync.js'
import type { PublicState, RoundView, UserView } from '../wire/views.js'

/**
 * What turns the client's state into the server's, computed from what the client says it has (contract
 * section 7). What the client did not say counts as not known, so it is in the changes. Participants
 * are removed, then updated, then added at their positions, in the order of this list.
 */
export function delta(client: ClientState, server: PublicState): readonly Change[] {
  return [
    ...participantChanges(client.participants ?? [], server.participants),
    ...roundChanges(client.current_round, server.current_round),
    ...statusChanges(client, server),
  ]
}

/**
 * The state that a client has after the changes.
 * @param target - whose state, and which version of it, from the same answer
 */
export function applyChanges(
  client: ClientState,
  changes: readonly Change[],
  target: Pick<PublicState, 'session_id' | 'state_version'>,
): Partial<PublicState> {
  const { status, scrum_master_id, grace_period_active, current_round, participants } = client
  let state: Partial<PublicState> = {
    ...target,
    participants: distinct(participants ?? []),
    ...(status === undefined ? {} : { status }),
    ...(scrum_master_id === undefined ? {} : { scrum_master_id }),
    ...(grace_period_active === undefined ? {} : { grace_period_active }),
    ...(current_round === undefined ? {} : { current_round }),
  }
  for (const change of changes) state = { ...state, ...changed(state.participants ?? [], change) }
  return state
}

/** What of the state one change replaces. */
function changed(users: UserView[], change: Change): Partial<PublicState> {
  switch (change.type) {
    case 'participant_removed':
      return { participants: users.filter((user) => user.id !== change.user_id) }
    case 'participant_updated':
      return { participants: users.map((user) => (user.id === change.user.id ? change.user : user)) }
    case 'participant_added':
      return {
        participants: [...users.slice(0, change.position), change.user, ...users.slice(change.position)],
      }
    case 'voting_state_changed':
      return { current_round: change.current_round }
    case 'status_changed': {
      const { status, scrum_master_id, grace_period_active } = change
      return { status, scrum_master_id, grace_period_active }
    }
    default:
      return change satisfies never
  }
}

function participantChanges(client: readonly UserView[], server: readonly UserView[]): Change[] {
  const known = distinct(client)
  const kept = new Map(inServerOrder(known, server).map((user) => [user.id, user]))
  const changes: Change[] = []
  for (const { id } of known) {
    if (!kept.has(id)) changes.push({ type: 'participant_removed', user_id: id })
  }
  for (const user of server) {
    const old = kept.get(user.id)
    if (old !== undefined && !isDeepStrictEqual(old, user))
      changes.push({ type: 'participant_updated', user })
  }
  for (const [position, user] of server.entries()) {
    if (!kept.has(user.id)) changes.push({ type: 'participant_added', user, position })
  }
  return changes
}

/** Those of the client's participants who are still there and in the server's order; the others start anew. */
function inServerOrder(known: readonly UserView[], server: readonly UserView[]): UserView[] {
  const positions = new Map(server.map((user, position) => [user.id, position]))
  let last = -1
  return known.filter((user) => {
    const position = positions.get(user.id)
    if (position === undefined || position < last) return false
    last = position
    return true
  })
}

function roundChanges(client: RoundView | null | undefined, server: RoundView | null): Change[] {
  if (client !== undefined && isDeepStrictEqual(client, server)) return []
  return [{ type: 'voting_state_changed', current_round: server }]
}

function statusChanges(client: ClientState, server: PublicState): Change[] {
  const { status, scrum_master_id, grace_period_active } = server
  const isKnown =
    client.status === status &&
    client.scrum_master_id === scrum_master_id &&
    client.grace_period_active === grace_period_active
  return isKnown ? [] : [{ type: 'status_changed', status, scrum_master_id, grace_period_active }]
}

/** A list in which somebody stands twice is no server's; the first mention counts. */
function distinct(users: readonly UserView[]): UserView[] {
  const seen = new Set<string>()
  return users.filter((user) => !seen.has(user.id) && seen.add(user.id))
}
