import * as z from 'zod'
import type { SessionContext } from '../../../machines/session/context.js'
import type { SessionEventOf } from '../../../machines/session/events.js'
import type { Story } from '../../../machines/session/story.js'
import { ownVote, roundEndsAt, statisticsViewOf, storyOf } from '../project.js'
import { playedCard, roundId, storyId, timestamp, userId } from '../scalars.js'
import { storiesVersion, storyView } from '../stories.js'
import { roleView, statisticsView, voteView } from '../views.js'
import { assertFound, eventRecord } from './record.js'

/** What of the stories goes into an event at most, in bytes of its JSON; a client reads the list instead. */
export const STORIES_DATA_BYTES_MAX = 32 * 1_024
const UTF8 = new TextEncoder()

/** Cards that are taken back or changed, a round's time, roles, stories, what the team agrees on. */
export const ESTIMATION_EVENTS = {
  vote_withdrawn: eventRecord('vote_withdrawn', {
    data: z.strictObject({ user_id: userId, votes_cast: z.int().min(0) }),
    meaning: 'Somebody took their card back; their entry is removed from `votes`.',
    project: ({ userId: user_id }, { snapshot: { context } }) => ({
      user_id,
      votes_cast: assertFound(context.round).votes.length,
    }),
  }),

  vote_changed: eventRecord('vote_changed', {
    data: z.strictObject({
      round_id: roundId,
      user_id: userId,
      vote: voteView,
      statistics: statisticsView,
    }),
    meaning: 'Somebody changed their card after the reveal; the statistics are updated.',
    project: ({ roundId: round_id, userId: user_id }, { snapshot: { context } }) => {
      const round = assertFound(context.round)
      if (round.isAnonymous) throw new Error('a vote of an anonymous round was changed for all to see')
      const statistics = statisticsViewOf(assertFound(round.statistics))
      return { round_id, user_id, vote: assertFound(ownVote(context, user_id)), statistics }
    },
  }),

  round_extended: eventRecord('round_extended', {
    data: z.strictObject({ round_id: roundId, round_ends_at: timestamp.nullable() }),
    meaning: "The round's time limit was extended.",
    project: ({ roundId: round_id }, { snapshot: { context } }) => ({
      round_id,
      round_ends_at: roundEndsAt(context),
    }),
  }),

  round_timer_ended: eventRecord('round_timer_ended', {
    data: z.strictObject({ round_id: roundId }),
    meaning: "The round's time is up. The round stays open until somebody reveals, or reveals by itself.",
    project: ({ roundId: round_id }) => ({ round_id }),
  }),

  role_changed: eventRecord('role_changed', {
    data: z.strictObject({ user_id: userId, role: roleView }),
    meaning: 'Somebody is now a voter, or an observer.',
    project: ({ userId: user_id, role }) => ({ user_id, role }),
  }),

  estimate_accepted: eventRecord('estimate_accepted', {
    data: z.strictObject({ round_id: roundId, story_id: storyId.nullable(), estimate: playedCard }),
    meaning: 'The team has agreed on an estimate, for the round and for its story.',
    project: ({ roundId: round_id, storyId: story_id, estimate }) => ({ round_id, story_id, estimate }),
  }),

  stories_updated: eventRecord('stories_updated', {
    data: z.union([
      z.strictObject({
        stories_version: storiesVersion,
        added: z.array(storyView).meta({ description: 'at the end of the list, in this order' }),
        changed: z.array(storyView),
        removed: z.array(storyId),
        order: z
          .array(storyId)
          .nullable()
          .meta({ description: 'all ids in the new order; null if the order is unchanged' }),
      }),
      z.strictObject({
        stories_version: storiesVersion,
        reload: z
          .literal(true)
          .meta({ description: 'more has changed than fits into an event: read the stories again' }),
      }),
    ]),
    meaning: 'What changed in the list of stories, including estimates and attempts.',
    project: (event, { snapshot: { context } }) => changedStories(event, context),
  }),

  user_nudged: eventRecord('user_nudged', {
    data: z.strictObject({ user_id: userId, by: userId }),
    meaning: 'The Scrum Master asked somebody for their card.',
    project: ({ userId: user_id, by }) => ({ user_id, by }),
  }),
} as const

function changedStories(
  event: SessionEventOf<'stories_updated'>,
  { stories, storiesVersion: stories_version }: SessionContext,
) {
  const named = (ids: readonly Story['id'][]) => stories.filter(({ id }) => ids.includes(id))
  const data = {
    stories_version,
    added: named(event.added).map(storyOf),
    changed: named(event.changed).map(storyOf),
    removed: [...event.removed],
    order: event.isReordered ? stories.map(({ id }) => id) : null,
  }
  if (UTF8.encode(JSON.stringify(data)).length <= STORIES_DATA_BYTES_MAX) return data
  return { stories_version, reload: true as const }
}
