import type { Card } from '../card.js'
import { byDeck, type Deck } from '../deck.js'
import type { EpochMs, RoundId, StoryId, UserId } from '../ids.js'
import { type Statistics, statisticsOf } from './statistics.js'

/** Revealed rounds that a session remembers; older ones are forgotten. */
export const HISTORY_ROUNDS_MAX = 200

/** What a round is about, as it was when the round was started. */
export interface RoundStory {
  /** `null` once the story has been deleted. */
  readonly id: StoryId | null
  readonly title: string
  readonly link: string | null
}

/** A card that was played in a round that is over. */
export interface PastVote {
  readonly userId: UserId
  /** Who that was: they may have left since. */
  readonly name: string
  /** `null`: the round was anonymous, and nobody may ever learn it. */
  readonly value: Card | null
  readonly submittedAt: EpochMs
}

/** A revealed round (contract section 9, "History"). */
export interface PastRound {
  readonly id: RoundId
  readonly story: RoundStory | null
  /** The how-manieth round for this story, from 1; without a story 1. */
  readonly attempt: number
  readonly startedAt: EpochMs
  /** From the start to the reveal. */
  readonly durationMs: number
  readonly votes: readonly PastVote[]
  readonly statistics: Statistics
  readonly acceptedEstimate: Card | null
  readonly isAnonymous: boolean
}

/**
 * A past round as it is kept: two hundred of them would otherwise weigh more than all else in a session.
 * Rounds of the same people share who they were, and statistics are worked out when somebody asks.
 */
export interface ArchivedRound extends Omit<PastRound, 'votes' | 'statistics'> {
  readonly deck: Deck
  readonly voters: Voters
  /** One for each voter; of an anonymous round in the order of the deck, which says nothing of who cast which. */
  readonly cards: readonly Card[]
  /** When each voter cast their card, from the start. */
  readonly afterMs: readonly number[]
}

/** Who voted, and what they were called. */
export interface Voters {
  readonly ids: readonly UserId[]
  readonly names: readonly string[]
}

/** A vote of a round that is about to be archived. */
export type VoteCast = Omit<PastVote, 'value'> & { readonly value: Card }

/** A revealed round before it is archived. */
export type RevealedRound = Omit<PastRound, 'votes' | 'statistics'> & {
  readonly deck: Deck
  readonly votes: readonly VoteCast[]
}

/** The history with one more round at its end; beyond {@link HISTORY_ROUNDS_MAX} the oldest goes. */
export function withRound(history: readonly ArchivedRound[], round: RevealedRound): readonly ArchivedRound[] {
  const { id, deck, story, attempt, startedAt, durationMs, acceptedEstimate, isAnonymous } = round
  // In one order for every round of the same people, whoever was quicker.
  // Stryker disable next-line EqualityOperator: nobody has two votes, so no two ids are equal
  const votes = [...round.votes].sort((one, other) => (one.userId < other.userId ? -1 : 1))
  const cards = votes.map(({ value }) => value)
  // Member by member: what a spread makes of it takes 400 bytes more, two hundred times.
  const archived: ArchivedRound = {
    id,
    deck,
    story,
    attempt,
    startedAt,
    durationMs,
    acceptedEstimate,
    isAnonymous,
    voters: sharedVoters(history.at(-1)?.voters, votes),
    cards: isAnonymous ? byDeck(deck, cards) : cards,
    afterMs: votes.map(({ submittedAt }) => submittedAt - startedAt),
  }
  return [...history.slice(1 - HISTORY_ROUNDS_MAX), archived]
}

/** A round as it was. */
export function pastRound({ deck, voters, cards, afterMs, ...round }: ArchivedRound): PastRound {
  return {
    ...round,
    votes: voters.ids.map((userId, place) => ({
      userId,
      // Stryker disable next-line StringLiteral: there are as many names as ids
      name: voters.names[place] ?? '',
      value: round.isAnonymous ? null : (cards[place] ?? null),
      submittedAt: round.startedAt + (afterMs[place] ?? 0),
    })),
    statistics: statisticsOf(cards, deck),
  }
}

/** The history after a story was deleted: its rounds keep their words, not the id. */
export function withoutStoryId(history: readonly ArchivedRound[], id: StoryId): readonly ArchivedRound[] {
  return history.map((round) =>
    round.story?.id === id ? { ...round, story: { ...round.story, id: null } } : round,
  )
}

function sharedVoters(before: Voters | undefined, votes: readonly VoteCast[]): Voters {
  if (
    before !== undefined &&
    before.ids.length === votes.length &&
    votes.every(({ userId, name }, place) => userId === before.ids[place] && name === before.names[place])
  ) {
    return before
  }
  return { ids: votes.map(({ userId }) => userId), names: votes.map(({ name }) => name) }
}
