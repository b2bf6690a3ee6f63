import * as z from 'zod'
import type { Room } from '../../machines/ids.js'
import { ROOM_LENGTH_MAX, ROOM_LENGTH_MIN, ROOM_PATTERN } from '../../machines/room.js'

const RULE = `must have ${ROOM_LENGTH_MIN} to ${ROOM_LENGTH_MAX} characters: a-z, 0-9, and dashes between them`

/** A room's name (contract section 10). */
export const room = z
  .string({ error: RULE })
  .max(ROOM_LENGTH_MAX, { error: RULE, abort: true })
  .regex(ROOM_PATTERN, RULE)
  .transform((name) => name as Room)
  .meta({ pattern: ROOM_PATTERN.source, minLength: ROOM_LENGTH_MIN, maxLength: ROOM_LENGTH_MAX })
