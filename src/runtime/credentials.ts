import { hash, timingSafeEqual } from 'node:crypto'
import type { UserId } from '../../machines/ids.js'

/** So much of a digest finds its entry; the rest is compared. */
const PREFIX_BYTES = 8

interface Credential {
  readonly userId: UserId
  readonly digest: Buffer
}

/**
 * The secrets of a session's participants, kept as SHA-256 (contract section 4). A look-up by the
 * first half of a digest tells by its time nothing of a token, since nobody can choose a digest; the
 * whole is then compared in constant time.
 */
export class Credentials {
  readonly #byPrefix = new Map<string, Credential>()

  /** From now on this token is the participant's. */
  set(userId: UserId, token: string): void {
    const digest = digestOf(token)
    this.#byPrefix.set(prefixOf(digest), { userId, digest })
  }

  /** The participant is gone, and their token with them. */
  delete(userId: UserId): void {
    for (const [prefix, credential] of this.#byPrefix) {
      if (credential.userId === userId) this.#byPrefix.delete(prefix)
    }
  }

  /** Whose token this is; `null` when it is nobody's here. */
  ownerOf(token: string): UserId | null {
    const digest = digestOf(token)
    const credential = this.#byPrefix.get(prefixOf(digest))
    if (credential === undefined || !timingSafeEqual(digest, credential.digest)) return null
    return credential.userId
  }
}

function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

function prefixOf(digest: Buffer): string {
  return digest.toString('latin1', 0, PREFIX_BYTES)
}
