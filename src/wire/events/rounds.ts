import * as z from 'zod'
import { iso, roundEndsAt, roundStoryOf, statisticsViewOf, votesOf } from '../project.js'
import { roundId, timestamp, userId } from '../scalars.js'
import { roundStoryView } from '../stories.js'
import { statisticsView, voteView } from '../views.js'
import { assertFound, eventRecord } from './record.js'

const SECOND_MS = 1_000

/** What happens to a round, from its start until the cards are turned. */
export const ROUND_EVENTS = {
  voting_started: eventRecord('voting_started', {
    data: z.strictObject({
      round_id: roundId,
      started_at: timestamp,
      round_ends_at: timestamp.nullable().meta({ description: 'null: no time limit' }),
      story: roundStoryView.nullable(),
      attempt: z.int().min(1),
      anonymous: z.boolean(),
    }),
    meaning: 'A new round is open; the votes of the previous one are gone.',
    project: (_event, { snapshot: { context } }) => {
      const round = assertFound(context.round)
      return {
        round_id: round.id,
        started_at: iso(round.startedAt),
        round_ends_at: roundEndsAt(context),
        story: round.story === null ? null : roundStoryOf(round.story),
        attempt: round.attempt,
        anonymous: round.isAnonymous,
      }
    },
  }),

  vote_submitted: eventRecord('vote_submitted', {
    data: z.strictObject({
      user_id: userId,
      submitted_at: timestamp,
      votes_cast: z.int().min(0),
      participants: z.int().min(0),
    }),
    meaning: 'Somebody voted or changed their vote; the card stays hidden.',
    project: ({ userId: user_id, at }, { snapshot: { context } }) => ({
      user_id,
      submitted_at: iso(at),
      votes_cast: assertFound(context.round).votes.length,
      participants: context.participants.length,
    }),
  }),

  votes_revealed: eventRecord('votes_revealed', {
    data: z.strictObject({
      round_id: roundId,
      votes: z.record(userId, voteView),
      statistics: statisticsView,
    }),
    meaning: 'The votes of the round and their statistics.',
    project: (_event, { snapshot: { context } }) => {
      const round = assertFound(context.round)
      return {
        round_id: round.id,
        votes: votesOf(round),
        statistics: statisticsViewOf(assertFound(round.statistics)),
      }
    },
  }),

  round_completed: eventRecord('round_completed', {
    data: z.strictObject({
      round_id: roundId,
      statistics: statisticsView,
      duration_seconds: z.number().min(0).meta({ description: 'from the start to the reveal' }),
    }),
    meaning: 'The results are open: `REVEAL_SECONDS` after the reveal, or in the same step.',
    project: ({ durationMs }, { snapshot: { context } }) => {
      const round = assertFound(context.round)
      return {
        round_id: round.id,
        statistics: statisticsViewOf(assertFound(round.statistics)),
        duration_seconds: durationMs / SECOND_MS,
      }
    },
  }),
} as const
