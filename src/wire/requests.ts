import * as z from 'zod'
import { STORY_LIMITS } from '../../machines/session/story.js'
import { EXPORT_FORMATS } from './export-formats.js'
import { isJsonWithin } from './json-size.js'
import { room } from './room.js'
import { avatar, card, personalText, storyId, userId } from './scalars.js'
import { settingsBody } from './settings.js'
import { roleView } from './views.js'

/** The input of requests (contract section 5, "Input"). Unknown members are ignored. */

const SESSION_NAME_LENGTH_MAX = 100
const USER_NAME_LENGTH_MAX = 50

/** How long `…/events` waits at most. */
export const WAIT_SECONDS_MAX = 25

export const createSessionBody = z
  .object({
    name: personalText(SESSION_NAME_LENGTH_MAX),
    creator_name: personalText(USER_NAME_LENGTH_MAX),
    creator_avatar: avatar,
    creator_role: roleView.optional(),
    room: room.nullish(),
    settings: settingsBody.optional(),
  })
  .meta({ examples: [{ name: 'Sprint 42', creator_name: 'Ada', creator_avatar: '🦊' }] })

export const joinSessionBody = z
  .object({ user_name: personalText(USER_NAME_LENGTH_MAX), user_avatar: avatar, role: roleView.optional() })
  .meta({ examples: [{ user_name: 'Bob', user_avatar: 'owl' }] })

export const voteBody = z
  .object({ vote: card.nullable().meta({ description: 'null takes the card back' }) })
  .meta({ examples: [{ vote: '5' }] })

/** A story of the list, a new one, or none. */
export const startBody = z
  .object({ story_id: storyId.nullish(), title: personalText(STORY_LIMITS.titleLength).nullish() })
  .refine(({ story_id, title }) => story_id == null || title == null, {
    error: 'must not be combined with story_id',
    path: ['title'],
  })
  .nullish()
  .meta({ examples: [{ title: 'Log in with a passkey' }] })

export const roleBody = z
  .object({
    role: roleView,
    user_id: userId.optional().meta({ description: "whose role; default: the caller's" }),
  })
  .meta({ examples: [{ role: 'observer' }] })

export const exportQuery = z.object({
  format: z.enum(EXPORT_FORMATS, { error: `must be one of ${EXPORT_FORMATS.join(', ')}` }).default('json'),
})

export const noQuery = z.object({})
export const userQuery = z.object({ user_id: userId.optional() })
export const kickQuery = z.object({ kicker_id: userId.optional() })
export const transferQuery = z.object({ new_master_id: userId, current_master_id: userId.optional() })

/** A version that no session reaches. */
const NO_VERSION = 'none'

/**
 * An error would stop an `EventSource` for good. So `last_event_id` stays a string; an invalid or repeated
 * one gets a full sync. If the participant is named twice, the first counts.
 */
export const streamQuery = z.object({
  user_id: z.preprocess((sent) => (Array.isArray(sent) ? sent[0] : sent), userId.optional()),
  last_event_id: z.preprocess((sent) => (Array.isArray(sent) ? NO_VERSION : sent), z.string().optional()),
})

export const eventsQuery = z.object({
  after: z.string().default('0'),
  wait_seconds: z.coerce
    .number({ error: 'must be a number' })
    .min(0, 'must be 0 or more')
    .max(WAIT_SECONDS_MAX, `must be ${WAIT_SECONDS_MAX} or less`)
    .default(0),
})

/** The route itself checks the battery: outside 0–100 it is a `MOBILE_OPTIMIZATION_ERROR`. */
export const optimizeQuery = z.object({ user_id: userId.optional(), battery_level: z.string().optional() })

/** Touch data belongs to the client: any JSON, which is returned unchanged. */
const TOUCH_BYTES_MAX = 1_024
const touchData = z
  .unknown()
  .refine((data) => data === undefined || isJsonWithin(data, TOUCH_BYTES_MAX), {
    error: `must not take more than ${TOUCH_BYTES_MAX} bytes`,
  })
  .optional()
  .meta({ description: `any JSON, ${TOUCH_BYTES_MAX} bytes at most; comes back in \`touch_metadata\`` })

export const touchVoteBody = z
  .object({
    vote: card,
    touch_coordinates: touchData,
    pressure: touchData,
    touch_timestamp: touchData,
  })
  .meta({ examples: [{ vote: '5', touch_coordinates: { x: 120, y: 300 }, pressure: 0.4 }] })
