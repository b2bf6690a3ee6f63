import type { UserId } from '../../machines/ids.js'
import { canonicalJson } from '../sync/canonical-json.js'
import type { AnyEnvelope, EventData } from '../wire/events.js'
import type { PublicState, SessionView, UserView } from '../wire/views.js'
import { held, released, roundChange, without, withStories } from './round-reducer.js'

/**
 * The session after an event. Members that the event does not mention keep their values: `expires_at` and
 * `last_activity` come from the latest event or full state that named them, `state_checksum` is the latest
 * received.
 * @param state - the session before; its version is one below the event's
 */
export function reduce(state: SessionView, envelope: AnyEnvelope): SessionView {
  const { state_version, state_checksum } = envelope
  const next = { ...state, ...change(state, envelope), state_version }
  return state_checksum === null ? next : { ...next, state_checksum }
}

/** The whole session, if a frame carries it; then nothing before it matters. */
export function wholeSession(envelope: AnyEnvelope): SessionView | null {
  switch (envelope.type) {
    case 'session_updated':
      return envelope.data.reason === 'connected' ? envelope.data.session : null
    case 'state_sync_required':
      return envelope.data.session
    default:
      return null
  }
}

/** The text that a session's checksum is computed from (contract section 7), as canonical JSON. */
export function checksummedText(session: SessionView): string {
  const state: PublicState = {
    session_id: session.id,
    status: session.status,
    participants: session.participants,
    scrum_master_id: session.scrum_master_id,
    current_round: session.current_round,
    state_version: session.state_version,
    grace_period_active: session.grace_period_expires !== null,
  }
  return canonicalJson(state)
}

/** What an event replaces in the session. */
function change(state: SessionView, envelope: AnyEnvelope): Partial<SessionView> {
  switch (envelope.type) {
    case 'session_updated':
      return sessionChange(envelope.data)
    case 'state_sync_required':
      return envelope.data.session
    case 'user_joined':
      return { participants: withUser(state.participants, envelope.data.user) }
    case 'user_left':
      return withoutUser(state, envelope.data.user_id)
    case 'user_disconnected':
      return { participants: withChange(state.participants, envelope.data.user_id, { is_online: false }) }
    case 'role_changed':
      return {
        participants: withChange(state.participants, envelope.data.user_id, { role: envelope.data.role }),
      }
    case 'stories_updated':
      return {
        stories_version: envelope.data.stories_version,
        current_round: withStories(state.current_round, envelope.data),
      }
    case 'voting_started':
    case 'vote_submitted':
    case 'vote_withdrawn':
    case 'votes_revealed':
    case 'vote_changed':
    case 'round_extended':
    case 'estimate_accepted':
      return roundChange(state.current_round, envelope)
    case 'round_completed':
      return { status: 'results' }
    case 'session_paused':
      return { status: 'paused', current_round: held(state.current_round, envelope.timestamp) }
    case 'session_resumed':
      return {
        status: envelope.data.status,
        current_round: released(state.current_round, envelope.data),
        ...nobodyMissed(state),
      }
    case 'session_expiring':
      return { expires_at: envelope.data.expires_at }
    case 'session_expired':
      return { status: 'ended' }
    case 'scrum_master_changed': {
      const { scrum_master_id, previous_scrum_master_id } = envelope.data
      return { scrum_master_id, previous_scrum_master_id }
    }
    case 'grace_period_started':
      return {
        status: 'grace_period',
        previous_scrum_master_id: envelope.data.disconnected_scrum_master_id,
        grace_period_start: envelope.timestamp,
        grace_period_expires: envelope.data.expires_at,
        current_round: held(state.current_round, envelope.timestamp),
      }
    case 'grace_period_ended':
      return {
        status: envelope.data.status,
        grace_period_start: null,
        grace_period_expires: null,
        current_round: released(state.current_round, envelope.data),
        // A session with nobody in it keeps waiting.
        ...(envelope.data.session_resumed ? nobodyMissed(state) : {}),
      }
    case 'mobile_optimization_applied': {
      const { user_id, optimizations } = envelope.data
      return { mobile_optimizations: { ...state.mobile_optimizations, [user_id]: optimizations } }
    }
    case 'grace_period_warning':
    case 'round_timer_ended':
    case 'user_nudged':
    case 'session_capacity_warning':
    case 'error_recovery_needed':
    case 'network_partition_detected':
      return {}
    default:
      // An event of a later server version: its checksum tells whether it mattered.
      envelope satisfies never
      return {}
  }
}

function sessionChange(data: EventData<'session_updated'>): Partial<SessionView> {
  switch (data.reason) {
    case 'connected':
      return data.session
    case 'extended':
      return { expires_at: data.expires_at }
    case 'settings':
      return { settings: data.settings }
    default:
      data satisfies never
      return {}
  }
}

/** A Scrum Master who was waited for and still leads has no predecessor (contract section 3). */
function nobodyMissed({ scrum_master_id, previous_scrum_master_id }: SessionView): Partial<SessionView> {
  return previous_scrum_master_id === scrum_master_id ? { previous_scrum_master_id: null } : {}
}

function withUser(users: readonly UserView[], user: UserView): UserView[] {
  const isKnown = users.some((other) => other.id === user.id)
  return isKnown ? users.map((other) => (other.id === user.id ? user : other)) : [...users, user]
}

function withChange(users: readonly UserView[], id: UserId, change: Partial<UserView>): UserView[] {
  return users.map((user) => (user.id === id ? { ...user, ...change } : user))
}

/** A hidden vote leaves with its voter; a revealed one stays. */
function withoutUser(state: SessionView, id: UserId): Partial<SessionView> {
  const round = state.current_round
  return {
    participants: state.participants.filter((user) => user.id !== id),
    mobile_optimizations: without(state.mobile_optimizations, id),
    current_round:
      round === null || round.is_revealed ? round : { ...round, votes: without(round.votes, id) },
  }
}
