import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import type { RoundId, SessionId, StoryId, UserId } from '../../machines/ids.js'
import type { Ids } from '../../machines/ports.js'
import { SEAT_CODE_ALPHABET, SEAT_CODE_LENGTH } from '../../machines/session/seat-codes.js'

const TOKEN_BYTES = 32

/** Ids from the machine's random source: UUID v4, and tokens of 256 random bits in base64url. */
export const randomIds: Ids = {
  sessionId: () => randomUUID() as string as SessionId,
  userId: () => randomUUID() as string as UserId,
  roundId: () => randomUUID() as string as RoundId,
  storyId: () => randomUUID() as string as StoryId,
  userToken,
  seatCode,
  requestId: () => randomUUID(),
}

/** Never begins with a dash, which a command line would read as an option. */
function userToken(): string {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return token.startsWith('-') ? userToken() : token
}

function seatCode(): string {
  const places = Array.from({ length: SEAT_CODE_LENGTH }, () => randomInt(SEAT_CODE_ALPHABET.length))
  return places.map((place) => SEAT_CODE_ALPHABET.charAt(place)).join('')
}
