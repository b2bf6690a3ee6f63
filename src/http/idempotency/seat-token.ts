import { createHmac, randomBytes } from 'node:crypto'
import type { Ids } from '../../../machines/ports.js'

const SALT_BYTES = 32

/**
 * Creates the token of a seat. With an `Idempotency-Key` it is derived from the key, which the client keeps,
 * and a salt, which the server keeps: neither is enough alone; together they yield it again.
 */
export class SeatToken {
  readonly #key: string | null
  readonly #ids: Pick<Ids, 'userToken'>
  readonly #given: Buffer | null
  #salt: Buffer | null = null

  /** @param salt - the server's half, if already known; `null`: random */
  constructor(key: string | null, ids: Pick<Ids, 'userToken'>, salt: Buffer | null = null) {
    this.#key = key
    this.#ids = ids
    this.#given = salt
  }

  /** The server's half of the token that was created; `null`: none was, or it is purely random. */
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

/** The server's half of whatever is derived from an `Idempotency-Key`: 256 random bits. */
export function newSalt(): Buffer {
  return randomBytes(SALT_BYTES)
}

/**
 * The same token for the same key and salt; it never begins with a dash, which a command line would read as
 * an option.
 */
export function tokenOf(key: string, salt: Buffer): string {
  return createHmac('sha256', salt).update(key).digest('base64url').replace(/^-/, '_')
}
