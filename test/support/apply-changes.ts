import type { Change } from '../../src/wire/sync.js'
import type { PublicState, UserView } from '../../src/wire/views.js'

/** What a client has of a session so far. */
export type Kept = Partial<Omit<PublicState, 'session_id' | 'state_version'>>

/**
 * The state that a client has after the changes of a delta.
 * @param target - whose state and which version of it, from the same answer
 */
export function applyChanges(
  { participants, ...rest }: Kept,
  changes: readonly Change[],
  { session_id, state_version }: Pick<PublicState, 'session_id' | 'state_version'>,
): Partial<PublicState> {
  let state: Partial<PublicState> = {
    ...rest,
    session_id,
    state_version,
    participants: distinct(participants ?? []),
  }
  for (const change of changes) state = { ...state, ...changed(state.participants ?? [], change) }
  return state
}

/** The part of the state that one change replaces. */
function changed(users: UserView[], change: Change): Partial<PublicState> {
  switch (change.type) {
    case 'participant_removed':
      return { participants: users.filter((user) => user.id !== change.data.id) }
    case 'participant_updated':
      return { participants: users.map((user) => (user.id === change.data.id ? change.data : user)) }
    case 'participant_added':
      return {
        participants: [...users.slice(0, change.position), change.data, ...users.slice(change.position)],
      }
    case 'voting_state_changed':
      return { current_round: change.data }
    case 'status_changed':
      return change.data
    // Not part of the public state.
    case 'settings_changed':
    case 'stories_changed':
      return {}
    default:
      return change satisfies never
  }
}

/** Whoever is in a list twice counts once. */
function distinct(users: readonly UserView[]): UserView[] {
  return users.filter((user, index) => users.findIndex(({ id }) => id === user.id) === index)
}
