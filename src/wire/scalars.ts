import * as z from 'zod'
import { DECK } from '../../machines/deck.js'
import type { RoundId, SessionId, UserId } from '../../machines/ids.js'

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const UUID_FORMAT = { format: 'uuid', pattern: UUID_V4.source }
/** Control characters, bidirectional overrides and isolates, zero-width and other invisible format characters. */
const FORBIDDEN_CHARACTERS = /[\p{Cc}\p{Cf}\u2028\u2029\u115f\u1160\u3164\uffa0]/u
const AVATAR_LENGTH_MAX = 200
const AVATAR_IDENTIFIER = /^[A-Za-z0-9_-]+$/
/** Node knows the `v` flag; the compiler, at this target, does not. */
const EMOJI = '^(?:\\p{RGI_Emoji}|\\p{Extended_Pictographic})$'
/** Made at the first use: putting all emoji together takes longer than starting many a server. */
let avatarEmoji: RegExp | null = null

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

/** One card of the deck. */
export const card = z.enum(DECK, { error: `must be one of ${DECK.join(', ')}` })

/** ISO 8601 UTC with milliseconds. */
export const timestamp = z.string().meta({ format: 'date-time', example: '2026-01-31T09:30:00.000Z' })

/** A session's event count: a whole number from 0. */
export const version = z.int().min(0)

/** The first 16 hex digits of a SHA-256. */
export const checksum = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 lower-case hex digits')

/**
 * A name that a person typed: NFC, trimmed, runs of white space made one space. Control,
 * bidirectional-override and zero-width characters are refused, lone surrogates too.
 * @param lengthMax - in Unicode code points, after that
 */
export function personalText(lengthMax: number) {
  return z
    .string({ error: 'must be a text' })
    .refine((text) => text.isWellFormed() && !FORBIDDEN_CHARACTERS.test(text), {
      error: 'must not contain control, bidirectional or zero-width characters',
      abort: true,
    })
    .transform((text) => text.normalize('NFC').replace(/\s+/gu, ' ').trim())
    .refine((text) => text.length > 0 && [...text].length <= lengthMax, {
      error: `must have 1 to ${lengthMax} characters`,
    })
    .meta({ minLength: 1, maxLength: lengthMax })
}

/** An identifier (`[A-Za-z0-9_-]`), one emoji, or an `https:` URL; 200 characters at most. */
export const avatar = z
  .string({ error: 'must be a text' })
  .refine(isAvatar, {
    error: 'must be an identifier (A-Z a-z 0-9 _ -), one emoji, or an https: URL, 200 characters at most',
  })
  .meta({ minLength: 1, maxLength: AVATAR_LENGTH_MAX })

function isAvatar(text: string): boolean {
  if (text.length > AVATAR_LENGTH_MAX) return false
  if (AVATAR_IDENTIFIER.test(text) || isHttpsUrl(text)) return true
  avatarEmoji ??= new RegExp(EMOJI, 'v')
  return avatarEmoji.test(text)
}

function isHttpsUrl(text: string): boolean {
  if (!/^https:\/\/[\x21-\x7e]+$/.test(text) || /["'<>\\^`{|}]/.test(text)) return false
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return url.username === '' && url.password === ''
}
