import { hash, timingSafeEqual } from 'node:crypto'
import type { TokenDigest, UserId } from '../../machines/ids.js'

/** So much of a digest finds its entry; the whole is compared. */
const PREFIX_LENGTH = 8
/** Tokens of one participant: devices that their seat was carried to. Beyond that the oldest gives way. */
export const TOKENS_MAX = 8

interface Credential {
  readonly userId: UserId
  readonly digest: TokenDigest
}

/**
 * The secrets of a session's participants, kept as SHA-256 (contract section 4). A look-up by the
 * first bytes of a digest tells by its time nothing of a token, since nobody can choose a digest; the
 * whole is then compared in constant time.
 */
export class Credentials {
  readonly #byPrefix = new Map<string, Credential>()

  /** From now on the token with this digest is the participant's too, up to {@link TOKENS_MAX} of them. */
  set(userId: UserId, digest: TokenDigest): void {
    const own = [...this.#byPrefix].filter(([, credential]) => credential.userId === userId)
    const [oldest] = own
    if (own.length >= TOKENS_MAX && oldest !== undefined) this.#byPrefix.delete(oldest[0])
    this.#byPrefix.set(prefixOf(digest), { userId, digest })
  }

  /** The participant is gone, and all their tokens with them. */
  delete(userId: UserId): void {
    for (const [prefix, credential] of this.#byPrefix) {
      if (credential.userId === userId) this.#byPrefix.delete(prefix)
    }
  }

  /** Everybody's digests, oldest first: what to {@link set} to know the same tokens. */
  entries(): (readonly [UserId, TokenDigest])[] {
    return [...this.#byPrefix.values()].map(({ userId, digest }) => [userId, digest])
  }

  /** Whose token this is; `null` when it is nobody's here. */
  ownerOf(token: string): UserId | null {
    const digest = tokenDigest(token)
    const credential = this.#byPrefix.get(prefixOf(digest))
    if (credential === undefined || !isEqual(digest, credential.digest)) return null
    return credential.userId
  }
}

/** What is kept of a token, and told to whoever is to know its owner; a text, for a fifth of the memory of a buffer. */
export function tokenDigest(token: string): TokenDigest {
  return hash('sha256', token, 'base64url') as TokenDigest
}

function prefixOf(digest: TokenDigest): string {
  return digest.slice(0, PREFIX_LENGTH)
}

function isEqual(digest: TokenDigest, other: TokenDigest): boolean {
  return timingSafeEqual(Buffer.from(digest), Buffer.from(other))
}
