import type { Card } from '../card.js'
import type { EpochMs, RoundId, StoryId, UserId } from '../ids.js'
import type { Statistics } from './statistics.js'

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

/** The history with one more round at its end; beyond {@link HISTORY_ROUNDS_MAX} the oldest goes. */
export function withRound(history: readonly PastRound[], round: PastRound): readonly PastRound[] {
  return [...history.slice(Math.max(0, history.length + 1 - HISTORY_ROUNDS_MAX)), round]
}

/** The history after a story was deleted: its rounds keep their words, not the id. */
export function withoutStoryId(history: readonly PastRound[], id: StoryId): readonly PastRound[] {
  return history.map((round) =>
    round.story?.id === id ? { ...round, story: { ...round.story, id: null } } : round,
  )
}
