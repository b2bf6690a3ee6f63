import type { UserId } from '../../machines/ids.js'
import { canonicalJson } from '../sync/canonical-json.js'
import type { AnyEnvelope, EventData } from '../wire/events.js'
import type { PublicState, RoundView, SessionView, UserView } from '../wire/views.js'

/**
 * The session after an event. What an event does not say stays: `expires_at` and `last_activity` are
 * those of the newest event or full state that named them, `state_checksum` is the newest there was.
 * @param state - the session before; its version is one below the event's
 */
export function reduce(state: SessionView, envelope: AnyEnvelope): SessionView {
  const { state_version, state_checksum } = envelope
  const next = { ...state, ...change(state, envelope), state_version }
  return state_checksum === null ? next : { ...next, state_checksum }
}

/** Whether a frame carries the whole session, so that nothing before it matters. */
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

/** What a session's checksum is taken over (contract section 7), as canonical JSON. */
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
      return { participants: withOnline(state.participants, envelope.data.user_id, false) }
    case 'voting_started':
    case 'vote_submitted':
    case 'votes_revealed':
      return roundChange(state.current_round, envelope)
    case 'round_completed':
      return { status: 'results' }
    case 'session_paused':
      return { status: 'paused' }
    case 'session_resumed':
      return { status: envelope.data.status, ...nobodyMissed(state) }
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
      }
    case 'grace_period_ended':
      return {
        status: envelope.data.status,
        grace_period_start: null,
        grace_period_expires: null,
        // A session that nobody is in goes on waiting.
        ...(envelope.data.session_resumed ? nobodyMissed(state) : {}),
      }
    case 'mobile_optimization_applied': {
      const { user_id, optimizations } = envelope.data
      return { mobile_optimizations: { ...state.mobile_optimizations, [user_id]: optimizations } }
    }
    case 'grace_period_warning':
    case 'session_capacity_warning':
    case 'error_recovery_needed':
    case 'network_partition_detected':
      return {}
    default:
      // An event of a later version of the server: its checksum tells whether it mattered.
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
    default:
      data satisfies never
      return {}
  }
}

/** Whoever was waited for and still leads is nobody's predecessor (contract section 3). */
function nobodyMissed({ scrum_master_id, previous_scrum_master_id }: SessionView): Partial<SessionView> {
  return previous_scrum_master_id === scrum_master_id ? { previous_scrum_master_id: null } : {}
}

type RoundEnvelope = Extract<AnyEnvelope, { type: 'voting_started' | 'vote_submitted' | 'votes_revealed' }>

function roundChange(round: RoundView | null, envelope: RoundEnvelope): Partial<SessionView> {
  if (envelope.type === 'voting_started')
    return { status: 'voting', current_round: freshRound(envelope.data) }
  if (round === null) return {}
  if (envelope.type === 'votes_revealed') {
    const { votes, statistics } = envelope.data
    return { status: 'revealing', current_round: { ...round, votes, statistics, is_revealed: true } }
  }
  const { user_id, submitted_at } = envelope.data
  const votes = { ...round.votes, [user_id]: { user_id, value: null, submitted_at } }
  return { current_round: { ...round, votes } }
}

function freshRound({ round_id, started_at }: EventData<'voting_started'>): RoundView {
  return { id: round_id, votes: {}, is_revealed: false, statistics: null, started_at }
}

function withUser(users: readonly UserView[], user: UserView): UserView[] {
  const isKnown = users.some((other) => other.id === user.id)
  return isKnown ? users.map((other) => (other.id === user.id ? user : other)) : [...users, user]
}

function withOnline(users: readonly UserView[], id: UserId, is_online: boolean): UserView[] {
  return users.map((user) => (user.id === id ? { ...user, is_online } : user))
}

/** A hidden vote goes with its voter; a revealed one stays. */
function withoutUser(state: SessionView, id: UserId): Partial<SessionView> {
  const round = state.current_round
  return {
    participants: state.participants.filter((user) => user.id !== id),
    mobile_optimizations: without(state.mobile_optimizations, id),
    current_round:
      round === null || round.is_revealed ? round : { ...round, votes: without(round.votes, id) },
  }
}

function without<Value>(record: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))
}
