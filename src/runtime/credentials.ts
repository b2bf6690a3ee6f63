import { hash, timingSafeEqual } from 'node:crypto'
import type { TokenDigest, UserId } from '../../machines/ids.js'

/** The characters of a digest by which its entry is found; the whole digest is then compared. */
const PREFIX_LENGTH = 8
/** Tokens per participant: one for each device their seat moved to. Beyond that the oldest is dropped. */
export const TOKENS_MAX = 8

interface Credential {
  readonly userId: UserId
  readonly digest: TokenDigest
}

/**
 * The secrets of a session's participants, kept as SHA-256 (contract section 4). The timing of a look-up
 * by the start of a digest reveals nothing about a token, since nobody can choose a digest; the whole is
 * then compared in constant time.
 */
export class Credentials {
  readonly #byPrefix = new Map<string, Credential>()

  /** Adds the token with this digest to the participant's, of which {@link TOKENS_MAX} are kept. */
  set(userId: UserId, digest: TokenDigest): void {
    const own = [...this.#byPrefix].filter(([, credential]) => credential.userId === userId)
    const [oldest] = own
    if (own.length >= TOKENS_MAX && oldest !== undefined) this.#byPrefix.delete(oldest[0])
    this.#byPrefix.set(prefixOf(digest), { userId, digest })
  }

  /** The participant has left: drops all their tokens. */
  delete(userId: UserId): void {
    for (const [prefix, credential] of this.#byPrefix) {
      if (credential.userId === userId) this.#byPrefix.delete(prefix)
    }
  }

  /** Everybody's digests, oldest first: {@link set} each of them to accept the same tokens. */
  entries(): (readonly [UserId, TokenDigest])[] {
    return [...this.#byPrefix.values()].map(({ userId, digest }) => [userId, digest])
  }

  /** Whose token this is; `null`: nobody's in this session. */
  ownerOf(token: string): UserId | null {
    const digest = tokenDigest(token)
    const credential = this.#byPrefix.get(prefixOf(digest))
    if (credential === undefined || !isEqual(digest, credential.digest)) return null
    return credential.userId
  }
}

/** All that is kept of a token, or passed on to identify its owner; as text, a fifth of a buffer's size. */
export function tokenDigest(token: string): TokenDigest {
  return hash('sha256', token, 'base64url') as TokenDigest
}

function prefixOf(digest: TokenDigest): string {
  return digest.slice(0, PREFIX_LENGTH)
}

function isEqual(digest: TokenDigest, other: TokenDigest): boolean {
  return timingSafeEqual(Buffer.from(digest), Buffer.from(other))
}
