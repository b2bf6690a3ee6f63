import * as z from 'zod'
import { CARD_LENGTH_MAX } from '../../machines/deck.js'
import type { RoundId, SessionId, StoryId, UserId } from '../../machines/ids.js'
import { AVATAR_LENGTH_MAX, avatarOf } from './avatar.js'
import { MARKS_IN_ROW_MAX, type NameFault, nameOf, nameUnitsMax } from './personal-text.js'

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const UUID_FORMAT = { format: 'uuid', pattern: UUID_V4.source }
export const sessionId = z
  .string()
  .regex(UUID_V4, 'must be a lower-case UUID v4')
  .transform((id) => id as SessionId)
  .meta(UUID_FORMAT)

export const userId = z
  .string()
  .regex(UUID_V4, 'must be a lower-case UUID v4')
  .transform((id) => id as UserId)
  .meta(UUID_FORMAT)

export const roundId = z
  .string()
  .regex(UUID_V4, 'must be a lower-case UUID v4')
  .transform((id) => id as RoundId)
  .meta(UUID_FORMAT)

export const storyId = z
  .string()
  .regex(UUID_V4, 'must be a lower-case UUID v4')
  .transform((id) => id as StoryId)
  .meta(UUID_FORMAT)

/** Longer than any card; whether the card exists depends on the session's deck. */
const CARD_TEXT_LENGTH_MAX = 100

/** A card that somebody wants to play. */
export const card = z
  .string({ error: 'must be a card of the deck' })
  .min(1, 'must be a card of the deck')
  .max(CARD_TEXT_LENGTH_MAX, 'must be a card of the deck')
  .transform((text) => text.normalize('NFC'))
  .meta({ description: "a card of the session's deck: `settings.deck.cards`" })

/** A card that somebody has played; the session's deck says which there are. */
export const playedCard = z
  .string()
  .meta({ description: `1–${CARD_LENGTH_MAX} characters, of the session's deck` })

/** ISO 8601 UTC with milliseconds. */
export const timestamp = z.string().meta({ format: 'date-time', example: '2026-01-31T09:30:00.000Z' })

/** A session's event count: a whole number from 0. */
export const version = z.int().min(0)

/** The first 16 hex digits of a SHA-256. */
export const checksum = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 lower-case hex digits')

/**
 * A name typed by a person (contract section 5, "Input"), in the form of {@link nameOf}.
 * @param lengthMax - in characters as a person counts them
 */
export function personalText(lengthMax: number) {
  const bytesMax = nameUnitsMax(lengthMax)
  const faults: Readonly<Record<NameFault, string>> = {
    length: `must have 1 to ${lengthMax} characters`,
    bytes: `must not take more than ${bytesMax} bytes of UTF-8`,
    marks: `must not have more than ${MARKS_IN_ROW_MAX} combining marks in a row`,
    characters: 'must not contain control characters or invisible characters',
    invisible: 'must contain a visible character',
  }
  return z
    .string({ error: 'must be a text' })
    .transform((text, { issues }) => {
      const kept = nameOf(text, lengthMax)
      if ('name' in kept) return kept.name
      issues.push({ code: 'custom', message: faults[kept.fault], input: text })
      return z.NEVER
    })
    .meta({
      minLength: 1,
      maxLength: bytesMax,
      description: `1 to ${lengthMax} characters as a person counts them, ${bytesMax} bytes of UTF-8 at most`,
    })
}

/** An identifier, a path, an emoji or an address (contract section 5, "Input"), in the form of {@link avatarOf}. */
export const avatar = z
  .string({ error: 'must be a text' })
  .transform((text, { issues }) => {
    const kept = avatarOf(text)
    if (kept !== null) return kept
    const message = `must be an identifier or a path (letters, digits, . _ - / and spaces; not under /api), one emoji, or an http: or https: URL without credentials; 1 to ${AVATAR_LENGTH_MAX} characters`
    issues.push({ code: 'custom', message, input: text })
    return z.NEVER
  })
  .meta({ minLength: 1, maxLength: AVATAR_LENGTH_MAX })

/** Present in reads while the command log is away (contract section 11): they may be outdated. */
export const stale = z
  .literal(true)
  .optional()
  .meta({ description: 'present only while the command log is away, together with a `Warning` header' })
