import * as z from 'zod'
import { SESSION_STATUSES } from '../../machines/session/status.js'
import { room } from './room.js'
import {
  avatar,
  checksum,
  playedCard,
  roundId,
  sessionId,
  stale,
  timestamp,
  userId,
  version,
} from './scalars.js'
import { settingsView } from './settings.js'
import { roundStoryView } from './stories.js'

/** The shapes that responses and events consist of (contract section 5, "Shapes"). */

export const roleView = z.enum(['voter', 'observer'], { error: 'must be voter or observer' })

export const userView = z.strictObject({
  id: userId,
  name: z.string(),
  avatar,
  role: roleView,
  is_online: z.boolean(),
  joined_at: timestamp,
})

export const voteView = z.strictObject({
  user_id: userId,
  value: playedCard.nullable().meta({ description: 'null until the reveal' }),
  submitted_at: timestamp,
})

const numberOfVotes = z.number().nullable()

export const statisticsView = z.strictObject({
  average: numberOfVotes.meta({
    description: 'mean of the numeric votes, 2 decimals; null without any',
  }),
  distribution: z.record(playedCard, z.int().min(1)).meta({
    description: 'votes by card; show it in the order of the deck',
  }),
  consensus: z.boolean(),
  coffee_votes: z.int().min(0),
  total_votes: z.int().min(0),
  median: numberOfVotes.meta({
    description: 'the middle numeric vote, or the mean of two; null without any',
  }),
  mode: z.array(playedCard).meta({
    description: 'the cards cast most often, in the order of the deck; only numeric ones if the deck has any',
  }),
  min: numberOfVotes.meta({ description: 'null without a numeric vote' }),
  max: numberOfVotes.meta({ description: 'null without a numeric vote' }),
  agreement: z.number().min(0).max(1).nullable().meta({
    description: 'share of the votes on the most common value; null without votes that count',
  }),
  suggestion: playedCard.nullable().meta({
    description:
      "the deck's numeric card nearest the mean, the higher one in a tie; null without a numeric vote",
  }),
})

export const roundView = z.strictObject({
  id: roundId,
  story: roundStoryView.nullable(),
  attempt: z.int().min(1).meta({ description: 'number of this round among those for the story' }),
  votes: z.record(userId, voteView),
  is_revealed: z.boolean(),
  anonymous: z.boolean().meta({ description: 'who cast which card is never revealed' }),
  statistics: statisticsView.nullable(),
  accepted_estimate: playedCard.nullable(),
  started_at: timestamp,
  round_ends_at: timestamp
    .nullable()
    .meta({ description: 'null without a limit, and while the timer is stopped' }),
  round_left_seconds: z
    .number()
    .min(0)
    .nullable()
    .meta({ description: 'time left while the timer is stopped; otherwise null' }),
})

export const mobileView = z.strictObject({
  sse_heartbeat_interval: z.number().positive().meta({ description: 'seconds' }),
  event_batching: z.boolean(),
  reduced_animations: z.boolean(),
  network_adaptive: z.boolean(),
  touch_optimized: z.boolean(),
})

export const statusView = z.enum(SESSION_STATUSES)

export const sessionView = z.strictObject({
  id: sessionId,
  name: z.string(),
  participants: z.array(userView),
  scrum_master_id: userId,
  status: statusView,
  current_round: roundView.nullable(),
  settings: settingsView,
  room: room.nullable(),
  stories_version: version.meta({ description: 'version of the list of stories, which is read separately' }),
  created_at: timestamp,
  last_activity: timestamp,
  expires_at: timestamp,
  grace_period_start: timestamp.nullable(),
  grace_period_expires: timestamp.nullable(),
  previous_scrum_master_id: userId.nullable(),
  mobile_optimizations: z.record(userId, mobileView),
  state_version: version,
  state_checksum: checksum,
  stale,
})

export const sessionSummaryView = z.strictObject({
  id: sessionId,
  name: z.string(),
  participant_count: z.int().min(0),
  seats: z.int().min(1).meta({ description: 'maximum number of participants' }),
  scrum_master_name: z.string(),
  status: statusView,
  created_at: timestamp,
})

/** The object that the checksum is computed from (contract section 7); with the checksum it is `server_state`. */
export const serverStateView = z.strictObject({
  session_id: sessionId,
  status: statusView,
  participants: z.array(userView),
  scrum_master_id: userId,
  current_round: roundView.nullable(),
  state_version: version,
  grace_period_active: z.boolean(),
  state_checksum: checksum,
})

export type UserView = z.infer<typeof userView>
export type VoteView = z.infer<typeof voteView>
export type StatisticsView = z.infer<typeof statisticsView>
export type RoundView = z.infer<typeof roundView>
export type MobileView = z.infer<typeof mobileView>
export type SessionView = z.infer<typeof sessionView>
export type SessionSummaryView = z.infer<typeof sessionSummaryView>
export type ServerStateView = z.infer<typeof serverStateView>
/** The public state without its checksum, from which that is computed. */
export type PublicState = Omit<ServerStateView, 'state_checksum'>
