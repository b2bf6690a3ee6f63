import type { AnyEnvelope, EventData } from '../wire/events.js'
import type { RoundView, SessionView } from '../wire/views.js'

const SECOND_MS = 1_000

/** Events that only concern the current round. */
export type RoundEnvelope = Extract<
  AnyEnvelope,
  {
    type:
      | 'voting_started'
      | 'vote_submitted'
      | 'vote_withdrawn'
      | 'votes_revealed'
      | 'vote_changed'
      | 'round_extended'
      | 'estimate_accepted'
  }
>

/** What an event of a round replaces in the session. */
export function roundChange(round: RoundView | null, envelope: RoundEnvelope): Partial<SessionView> {
  if (envelope.type === 'voting_started')
    return { status: 'voting', current_round: freshRound(envelope.data) }
  if (round === null) return {}
  if (envelope.type === 'votes_revealed') {
    return { status: 'revealing', current_round: revealed(round, envelope.data) }
  }
  return { current_round: { ...round, ...detailOf(round, envelope) } }
}

type DetailEnvelope = Exclude<RoundEnvelope, { type: 'voting_started' | 'votes_revealed' }>

function detailOf({ votes }: RoundView, envelope: DetailEnvelope): Partial<RoundView> {
  switch (envelope.type) {
    case 'vote_submitted': {
      const { user_id, submitted_at } = envelope.data
      return { votes: { ...votes, [user_id]: { user_id, value: null, submitted_at } } }
    }
    case 'vote_withdrawn':
      return { votes: without(votes, envelope.data.user_id) }
    case 'vote_changed': {
      const { user_id, vote, statistics } = envelope.data
      return { votes: { ...votes, [user_id]: vote }, statistics }
    }
    case 'round_extended':
      return { round_ends_at: envelope.data.round_ends_at }
    case 'estimate_accepted':
      return { accepted_estimate: envelope.data.estimate }
    default:
      return envelope satisfies never
  }
}

function freshRound(data: EventData<'voting_started'>): RoundView {
  const { round_id, started_at, round_ends_at, story, attempt, anonymous } = data
  return {
    id: round_id,
    story,
    attempt,
    votes: {},
    is_revealed: false,
    anonymous,
    statistics: null,
    accepted_estimate: null,
    started_at,
    round_ends_at,
    round_left_seconds: null,
  }
}

function revealed(round: RoundView, { votes, statistics }: EventData<'votes_revealed'>): RoundView {
  return { ...round, votes, statistics, is_revealed: true, round_ends_at: null, round_left_seconds: null }
}

/** Stops the round's timer at `at`, if it was running. */
export function held(round: RoundView | null, at: string): RoundView | null {
  if (round === null || round.round_ends_at === null) return round
  const leftMs = Math.max(0, Date.parse(round.round_ends_at) - Date.parse(at))
  return { ...round, round_ends_at: null, round_left_seconds: leftMs / SECOND_MS }
}

/** Restarts the round's timer, unless the session is still paused. */
export function released(
  round: RoundView | null,
  { status, round_ends_at }: EventData<'session_resumed'>,
): RoundView | null {
  if (round === null || status === 'paused' || status === 'grace_period') return round
  return { ...round, round_ends_at, round_left_seconds: null }
}

/** Updates the round's story from the list; a deleted story keeps its text. */
export function withStories(round: RoundView | null, data: EventData<'stories_updated'>): RoundView | null {
  if (round?.story?.id == null || 'reload' in data) return round
  const { story } = round
  if (data.removed.some((id) => id === story.id)) return { ...round, story: { ...story, id: null } }
  const changed = data.changed.find(({ id }) => id === story.id)
  if (changed === undefined) return round
  return { ...round, story: { id: changed.id, title: changed.title, link: changed.link } }
}

export function without<Value>(record: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))
}
