import { randomBytes, randomUUID } from 'node:crypto'
import type { RoundId, SessionId, UserId } from '../../machines/ids.js'
import type { Ids } from '../../machines/ports.js'

const TOKEN_BYTES = 32

/** Ids from the machine's random source: UUID v4, and 256-bit tokens in base64url. */
export const randomIds: Ids = {
  sessionId: () => randomUUID() as string as SessionId,
  userId: () => randomUUID() as string as UserId,
  roundId: () => randomUUID() as string as RoundId,
  userToken: () => randomBytes(TOKEN_BYTES).toString('base64url'),
  requestId: () => randomUUID(),
}
