import { createHash, timingSafeEqual } from 'node:crypto'
import type { UserId } from '../../machines/ids.js'

/** The secrets of a session's participants, kept as SHA-256 and compared in constant time (contract section 4). */
export class Credentials {
  readonly #digests = new Map<UserId, Buffer>()

  /** From now on this token is the participant's. */
  set(userId: UserId, token: string): void {
    this.#digests.set(userId, digestOf(token))
  }

  /** The participant is gone, and their token with them. */
  delete(userId: UserId): void {
    this.#digests.delete(userId)
  }

  /** Whose token this is; `null` when it is nobody's here. Every participant is compared, so that the time tells nothing. */
  ownerOf(token: string): UserId | null {
    const digest = digestOf(token)
    let owner: UserId | null = null
    for (const [userId, known] of this.#digests) {
      if (timingSafeEqual(digest, known)) owner = userId
    }
    return owner
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
