import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { EpochMs } from '../../machines/ids.js'

/** How long a first answer is repeated. */
const REPLY_TTL_MS = 10 * 60_000
/** Answers kept at most; the oldest go first. */
const REPLIES_MAX = 10_000

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const KEY_BYTES = 32

interface SealedReply {
  readonly at: EpochMs
  readonly bodyDigest: string
  readonly iv: Buffer
  readonly tag: Buffer
  readonly sealed: Buffer
}

/**
 * First answers, by `Idempotency-Key` (contract section 5). An answer holds a user token, so it is
 * kept sealed under the client's own key, which is not kept.
 */
export class Replies {
  readonly #replies = new Map<string, SealedReply>()

  /**
   * The first answer to the same request.
   * @param scope - the operation and what it is about
   * @returns `null`: not seen; `conflict`: seen with another body
   */
  find(scope: string, key: string, body: string, now: EpochMs): string | null | 'conflict' {
    const reply = this.#replies.get(digestOf(scope, key))
    if (reply === undefined || now - reply.at > REPLY_TTL_MS) return null
    if (reply.bodyDigest !== digestOf(scope, body)) return 'conflict'
    const decipher = createDecipheriv(CIPHER, sealingKey(scope, key), reply.iv).setAuthTag(reply.tag)
    return Buffer.concat([decipher.update(reply.sealed), decipher.final()]).toString()
  }

  /** Keeps the answer that the first request got. */
  keep(scope: string, key: string, body: string, answer: string, now: EpochMs): void {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv(CIPHER, sealingKey(scope, key), iv)
    const sealed = Buffer.concat([cipher.update(answer), cipher.final()])
    const id = digestOf(scope, key)
    this.#replies.delete(id)
    this.#replies.set(id, {
      at: now,
      bodyDigest: digestOf(scope, body),
      iv,
      tag: cipher.getAuthTag(),
      sealed,
    })
    this.#forgetOld(now)
  }

  /** Entries stand in the order of their time. */
  #forgetOld(now: EpochMs): void {
    for (const [id, { at }] of this.#replies) {
      if (this.#replies.size <= REPLIES_MAX && now - at <= REPLY_TTL_MS) return
      this.#replies.delete(id)
    }
  }
}

function digestOf(scope: string, text: string): string {
  return createHash('sha256').update(`${scope}\n${text}`).digest('base64')
}

function sealingKey(scope: string, key: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, scope, 'magnapp reply', KEY_BYTES))
}
