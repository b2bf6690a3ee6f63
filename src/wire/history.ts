import * as z from 'zod'
import type { PastRound } from '../../machines/session/history.js'
import { iso, roundStoryOf, statisticsViewOf } from './project.js'
import { playedCard, roundId, stale, timestamp, userId } from './scalars.js'
import { roundStoryView } from './stories.js'
import { statisticsView, voteView } from './views.js'

/** A revealed round. */
export const pastRoundView = z.strictObject({
  id: roundId,
  story: roundStoryView.nullable(),
  attempt: z.int().min(1).meta({ description: 'number of this round among those for the story' }),
  started_at: timestamp,
  duration_seconds: z.number().min(0),
  votes: z.record(userId, voteView),
  statistics: statisticsView,
  accepted_estimate: playedCard.nullable(),
  anonymous: z.boolean(),
})

/** Newest last. */
export const historyView = z.strictObject({ rounds: z.array(pastRoundView), stale })

export type PastRoundView = z.infer<typeof pastRoundView>
export type HistoryView = z.infer<typeof historyView>

/** The public view of a past round; the values of an anonymous one are not stored anywhere. */
export function pastRoundOf(round: PastRound): PastRoundView {
  const votes = round.votes.map(({ userId: id, value, submittedAt }) => [
    id,
    { user_id: id, value: round.isAnonymous ? null : value, submitted_at: iso(submittedAt) },
  ])
  return {
    id: round.id,
    story: round.story === null ? null : roundStoryOf(round.story),
    attempt: round.attempt,
    started_at: iso(round.startedAt),
    duration_seconds: round.durationMs / 1_000,
    votes: Object.fromEntries(votes),
    statistics: statisticsViewOf(round.statistics),
    accepted_estimate: round.acceptedEstimate,
    anonymous: round.isAnonymous,
  }
}
