import { createHmac, randomBytes } from 'node:crypto'
import type { Ids } from '../../../machines/ports.js'

const SALT_BYTES = 32

/**
 * Makes the token of a seat. With an `Idempotency-Key` it is made of the key, which the client keeps, and
 * of a salt, which the server keeps: neither gives it alone, and together they give it again.
 */
export class SeatToken {
  readonly #key: string | null
  readonly #ids: Pick<Ids, 'userToken'>
  readonly #given: Buffer | null
  #salt: Buffer | null = null

  /** @param salt - the server's half, where it is known already; `null`: by chance */
  constructor(key: string | null, ids: Pick<Ids, 'userToken'>, salt: Buffer | null = null) {
    this.#key = key
    this.#ids = ids
    this.#given = salt
  }

  /** The server's half of the token that was made; `null`: none was, or it is made of chance alone. */
  get salt(): Buffer | null {
    return this.#salt
  }

  /** A new token: URL-safe, 256 bits. */
  make(): string {
    if (this.#key === null) return this.#ids.userToken()
    this.#salt = this.#given ?? newSalt()
    return tokenOf(this.#key, this.#salt)
  }
}

/** A server's half of what is made of an `Idempotency-Key`: 256 random bits. */
export function newSalt(): Buffer {
  return randomBytes(SALT_BYTES)
}

/** The same token for the same key and salt; it never begins with a dash, which a command line would take for an option. */
export function tokenOf(key: string, salt: Buffer): string {
  return createHmac('sha256', salt).update(key).digest('base64url').replace(/^-/, '_')
}
