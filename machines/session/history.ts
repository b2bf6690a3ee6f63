import type { Card } from '../card.js'
import { byDeck, type Deck } from '../deck.js'
import type { EpochMs, RoundId, StoryId, UserId } from '../ids.js'
import { type Statistics, statisticsOf } from './statistics.js'

/** How many revealed rounds a session remembers; older ones are dropped. */
export const HISTORY_ROUNDS_MAX = 200

/** A round's story, as it was when the round was started. */
export interface RoundStory {
  /** `null` once the story has been deleted. */
  readonly id: StoryId | null
  readonly title: string
  readonly link: string | null
}

/** A card played in a past round. */
export interface PastVote {
  readonly userId: UserId
  /** The voter's name, since they may have left. */
  readonly name: string
  /** `null`: the round was anonymous, and the value is never revealed. */
  readonly value: Card | null
  readonly submittedAt: EpochMs
}

/** A revealed round (contract section 9, "History"). */
export interface PastRound {
  readonly id: RoundId
  readonly story: RoundStory | null
  /** The number of this round among those for the story, from 1; without a story 1. */
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
 * The stored form of a past round: two hundred full ones would outweigh everything else in a session. Rounds
 * of the same people share the list of voters, and statistics are computed on demand.
 */
export interface ArchivedRound extends Omit<PastRound, 'votes' | 'statistics'> {
  readonly deck: Deck
  readonly voters: Voters
  /** One per voter; for an anonymous round in deck order, which does not reveal who cast which. */
  readonly cards: readonly Card[]
  /** When each voter cast their card, relative to the start. */
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

/** The history with one more round at the end; beyond {@link HISTORY_ROUNDS_MAX} the oldest is dropped. */
export function withRound(history: readonly ArchivedRound[], round: RevealedRound): readonly ArchivedRound[] {
  const { id, deck, story, attempt, startedAt, durationMs, acceptedEstimate, isAnonymous } = round
  // In one order for every round of the same people, whoever was quicker.
  // Stryker disable next-line EqualityOperator: nobody has two votes, so no two ids are equal
  const votes = [...round.votes].sort((one, other) => (one.userId < other.userId ? -1 : 1))
  const cards = votes.map(({ value }) => value)
  // Member by member: an object made by a spread takes 400 bytes more, two hundred times.
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

/** Restores a past round in full. */
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

/** The history after a story was deleted: its rounds keep the text but not the id. */
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
