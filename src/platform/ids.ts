import { randomBytes, randomUUID } from 'node:crypto'
import type { NodeId, RoundId, SessionId, UserId } from '../../machines/ids.js'
import type { Ids } from '../../machines/ports.js'

const TOKEN_BYTES = 32

/** Ids from the machine's random source: UUID v4, and tokens of 256 random bits in base64url. */
export const randomIds: Ids = {
  sessionId: () => randomUUID() as string as SessionId,
  userId: () => randomUUID() as string as UserId,
  roundId: () => randomUUID() as string as RoundId,
  userToken,
  requestId: () => randomUUID(),
  nodeId: () => randomUUID() as string as NodeId,
}

/** Without a dash at its head, where a command line would take it for an option. */
function userToken(): string {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return token.startsWith('-') ? userToken() : token
}
