import type { RoundView, SessionView, UserView } from '../../client/client.js'

/*
 * A table's appearance, derived from the public session. Pure functions: they get what is known, and cannot
 * know anybody else's hidden card.
 */

/** What the stage shows; a pause and a grace period leave it unchanged. */
export type Phase = 'waiting' | 'voting' | 'results'

export function phaseOf({ current_round }: SessionView): Phase {
  if (current_round === null) return 'waiting'
  return current_round.is_revealed ? 'results' : 'voting'
}

/** Interrupted: nothing can be sent, everything stays as it is. */
export function isInterrupted({ status }: SessionView): boolean {
  return status === 'paused' || status === 'grace_period'
}

/** The cards of the table's deck, in deck order. */
export function cardsOf({ settings }: SessionView): readonly string[] {
  return settings.deck.cards
}

export function personOf(session: SessionView, userId: string | null): UserView | null {
  return session.participants.find(({ id }) => id === userId) ?? null
}

/** Somebody who sees everything and never votes. */
export function isObserver({ role }: UserView): boolean {
  return role === 'observer'
}

/** Who could vote now. */
export function votersHere({ participants }: SessionView): UserView[] {
  return participants.filter((user) => user.is_online && !isObserver(user))
}

/** A person's state in the register: shown in words and by a mark, never by colour alone. */
export type SeatState = 'here' | 'thinking' | 'voted' | 'pending' | 'away' | 'observes'

export interface SeatView {
  readonly user: UserView
  /** Position in joining order, from 1. */
  readonly number: number
  readonly state: SeatState
  readonly isMe: boolean
  readonly leads: boolean
  /** Will lead when the grace period ends. */
  readonly leadsNext: boolean
}

/**
 * The register, in joining order.
 * @param isPending - the own card is chosen but has not reached the server
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
  const hasVoted = hasCard(session.current_round, user)
  if (!user.is_online) return hasVoted ? 'voted' : 'away'
  if (isObserver(user)) return 'observes'
  if (phaseOf(session) !== 'voting') return 'here'
  return hasVoted ? 'voted' : 'thinking'
}

function hasCard(round: RoundView | null, { id }: UserView): boolean {
  return round !== null && !round.is_revealed && id in round.votes
}

/** Who takes over when a grace period ends: the online participant who joined first. */
export function nextLeader({ participants, scrum_master_id }: SessionView): UserView | null {
  return participants.find(({ id, is_online }) => is_online && id !== scrum_master_id) ?? null
}

/** The progress of a round. */
export interface Count {
  readonly voted: number
  /** People with a card, and online people who could still choose one. */
  readonly of: number
  readonly missing: readonly UserView[]
  /** Not counted, since nobody waits for them. */
  readonly away: readonly UserView[]
}

export function countOf({ participants, current_round }: SessionView): Count {
  const voters = participants.filter((user) => !isObserver(user))
  const voted = voters.filter((user) => hasCard(current_round, user))
  const rest = voters.filter((user) => !hasCard(current_round, user))
  const missing = rest.filter(({ is_online }) => is_online)
  return {
    voted: voted.length,
    of: voted.length + missing.length,
    missing,
    away: rest.filter(({ is_online }) => !is_online),
  }
}

/** The server takes no longer title. */
export const TITLE_LENGTH_MAX = 200

/** Splits a tracker's key, such as `SHOP-12` or `#12`, from the title. */
export function splitTitle(title: string): { readonly key: string; readonly title: string } {
  const [, key, rest] = /^((?:[A-Za-z][A-Za-z0-9_]{0,19}-|#)\d{1,9}) (.+)$/.exec(title) ?? []
  return key === undefined || rest === undefined ? { key: '', title } : { key, title: rest }
}
