import { DECK, type SessionView, type UserView } from '../../client/client.js'

/*
 * What a table looks like, from the public session. Pure functions: they are told what is known, and
 * nothing here can know a hidden card of somebody else.
 */

/** What the stage shows; a pause and a grace period leave it as it was. */
export type Phase = 'waiting' | 'voting' | 'results'

export function phaseOf({ current_round }: SessionView): Phase {
  if (current_round === null) return 'waiting'
  return current_round.is_revealed ? 'results' : 'voting'
}

/** Cards rest: nothing can be sent, everything stays as it is. */
export function isInterrupted({ status }: SessionView): boolean {
  return status === 'paused' || status === 'grace_period'
}

/** The cards of the table's deck, in the deck's order. */
export function cardsOf(_session: SessionView): readonly string[] {
  return DECK
}

export function personOf(session: SessionView, userId: string | null): UserView | null {
  return session.participants.find(({ id }) => id === userId) ?? null
}

/** Who sees everything and never votes. */
export function isObserver(user: UserView): boolean {
  return 'role' in user && user.role === 'observer'
}

/** How somebody stands in the register: in words and by a mark, never by colour alone. */
export type SeatState = 'here' | 'thinking' | 'voted' | 'pending' | 'away' | 'observes'

export interface SeatView {
  readonly user: UserView
  /** Place in the order of joining, from 1. */
  readonly number: number
  readonly state: SeatState
  readonly isMe: boolean
  readonly leads: boolean
  /** Leads when the grace period ends. */
  readonly leadsNext: boolean
}

/**
 * The register, in the order of joining.
 * @param isPending - one's own card is chosen, and has not reached the server
 */
export function seatsOf(session: SessionView, ownId: string | null, isPending: boolean): SeatView[] {
  const next = session.status === 'grace_period' ? nextLeader(session) : null
  return session.participants.map((user, index) => ({
    user,
    number: index + 1,
    state: user.id === ownId && isPending ? 'pending' : stateOf(session, user),
    isMe: user.id === ownId,
    leads: user.id === session.scrum_master_id,
    leadsNext: user.id === next?.id,
  }))
}

function stateOf(session: SessionView, user: UserView): SeatState {
  if (!user.is_online) return hasVoted(session, user) ? 'voted' : 'away'
  if (isObserver(user)) return 'observes'
  if (phaseOf(session) !== 'voting') return 'here'
  return hasVoted(session, user) ? 'voted' : 'thinking'
}

function hasVoted({ current_round }: SessionView, { id }: UserView): boolean {
  return current_round !== null && !current_round.is_revealed && id in current_round.votes
}

/** Who takes over when a grace period ends: of those who are there, the one who joined first. */
export function nextLeader({ participants, scrum_master_id }: SessionView): UserView | null {
  return participants.find(({ id, is_online }) => is_online && id !== scrum_master_id) ?? null
}

/** How far a round is. */
export interface Count {
  readonly voted: number
  /** Those whose card lies, and those who are there and could still choose one. */
  readonly of: number
  readonly missing: readonly UserView[]
  /** Not counted, since nobody waits for them. */
  readonly away: readonly UserView[]
}

export function countOf(session: SessionView): Count {
  const voters = session.participants.filter((user) => !isObserver(user))
  const voted = voters.filter((user) => hasVoted(session, user))
  const rest = voters.filter((user) => !hasVoted(session, user))
  const missing = rest.filter(({ is_online }) => is_online)
  return {
    voted: voted.length,
    of: voted.length + missing.length,
    missing,
    away: rest.filter(({ is_online }) => !is_online),
  }
}
