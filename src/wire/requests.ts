import * as z from 'zod'
import { avatar, card, personalText, userId } from './scalars.js'

/** What requests carry (contract section 5, "Input"). Unknown members of a body are refused; of a query they are ignored. */

const SESSION_NAME_LENGTH_MAX = 100
const USER_NAME_LENGTH_MAX = 50

/** The longest that `…/events` waits for something to happen. */
export const WAIT_SECONDS_MAX = 25

export const createSessionBody = z
  .strictObject({
    name: personalText(SESSION_NAME_LENGTH_MAX),
    creator_name: personalText(USER_NAME_LENGTH_MAX),
    creator_avatar: avatar,
  })
  .meta({ examples: [{ name: 'Sprint 42', creator_name: 'Ada', creator_avatar: '🦊' }] })

export const joinSessionBody = z
  .strictObject({ user_name: personalText(USER_NAME_LENGTH_MAX), user_avatar: avatar })
  .meta({ examples: [{ user_name: 'Bob', user_avatar: 'owl' }] })

export const voteBody = z.strictObject({ vote: card }).meta({ examples: [{ vote: '5' }] })

/** For a command that needs no body: none, or an empty object. */
export const emptyBody = z.strictObject({}).optional()

export const noQuery = z.object({})
export const userQuery = z.object({ user_id: userId.optional() })
export const kickQuery = z.object({ kicker_id: userId.optional() })
export const transferQuery = z.object({ new_master_id: userId, current_master_id: userId.optional() })

/** `last_event_id` stays a text: one that makes no sense gets a full sync, since an error would stop an `EventSource` for good. */
export const streamQuery = z.object({ user_id: userId.optional(), last_event_id: z.string().optional() })

export const eventsQuery = z.object({
  after: z.string().default('0'),
  wait_seconds: z.coerce
    .number({ error: 'must be a number' })
    .min(0, 'must be 0 or more')
    .max(WAIT_SECONDS_MAX, `must be ${WAIT_SECONDS_MAX} or less`)
    .default(0),
})

/** Battery is checked by the route itself: outside 0–100 it is a `MOBILE_OPTIMIZATION_ERROR`. */
export const optimizeQuery = z.object({ user_id: userId.optional(), battery_level: z.string().optional() })

const coordinate = z.number({ error: 'must be a number' })

export const touchVoteBody = z
  .strictObject({
    vote: card,
    touch_coordinates: z.strictObject({ x: coordinate, y: coordinate }).optional(),
    pressure: z.number({ error: 'must be a number' }).min(0).max(1).optional(),
    touch_timestamp: z.union([z.number(), z.iso.datetime()], { error: 'must be a timestamp' }).optional(),
  })
  .meta({ examples: [{ vote: '5', touch_coordinates: { x: 120, y: 300 }, pressure: 0.4 }] })
