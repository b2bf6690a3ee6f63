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
  #salt: Buffer | null = null

  constructor(key: string | null, ids: Pick<Ids, 'userToken'>) {
    this.#key = key
    this.#ids = ids
  }

  /** The server's half of the token that was made; `null`: none was, or it is made of chance alone. */
  get salt(): Buffer | null {
    return this.#salt
  }

  /** A new token: URL-safe, 256 bits. */
  make(): string {
    if (this.#key === null) return this.#ids.userToken()
    this.#salt = randomBytes(SALT_BYTES)
    return tokenOf(this.#key, this.#salt)
  }
}

/** The same token for the same key and salt; it never begins with a dash, which a command line would take for an option. */
export function tokenOf(key: string, salt: Buffer): string {
  return createHmac('sha256', salt).update(key).digest('base64url').replace(/^-/, '_')
}
