import type { EpochMs, SessionId, UserId } from '../../../machines/ids.js'

/** How long the first answer is repeated (contract section 5). */
export const REPLY_TTL_MS = 10 * 60_000
/** Answers kept per session, or per address that creates sessions; beyond that the owner's oldest is dropped. */
export const REPLIES_PER_OWNER_MAX = 256
/**
 * The limit for all answers, in characters; beyond that the answers of the owner that has been idle longest
 * are dropped.
 */
export const REPLIES_LENGTH_MAX = 8_388_608
/** The overhead of an answer besides its body, in characters. */
const REPLY_OVERHEAD = 512

/** A first answer, without its secrets: they are derived from the key that a repetition brings. */
export interface Reply {
  readonly at: EpochMs
  /** A digest of everything that the request asked for. */
  readonly requestDigest: string
  readonly status: number
  readonly location: string | null
  /** The answer's JSON, without the token and the session in it. */
  readonly body: string
  /** The session that was created, joined or commanded. */
  readonly sessionId: SessionId
  /** The seat that was taken: its owner, and the server's half of their token. */
  readonly seat: { readonly userId: UserId; readonly salt: Buffer } | null
  readonly hasSession: boolean
}

/** First answers by owner: a session, or the address of somebody who creates one. */
export class Replies {
  readonly #byOwner = new Map<string, Map<string, Reply>>()
  #length = 0

  /** How much is kept, in characters. */
  get length(): number {
    return this.#length
  }

  /** @param id - the digest of the key and its owner */
  find(owner: string, id: string, now: EpochMs): Reply | null {
    const reply = this.#byOwner.get(owner)?.get(id)
    return reply === undefined || now - reply.at > REPLY_TTL_MS ? null : reply
  }

  keep(owner: string, id: string, reply: Reply): void {
    const replies = this.#byOwner.get(owner) ?? new Map<string, Reply>()
    // The owner who was served last moves to the end.
    this.#byOwner.delete(owner)
    this.#byOwner.set(owner, replies)
    this.#drop(replies, id)
    replies.set(id, reply)
    this.#length += lengthOf(reply)
    this.#bound(owner, replies, reply.at)
  }

  /** Drops the answers of a session that is over. */
  forget(owner: string): void {
    for (const reply of this.#byOwner.get(owner)?.values() ?? []) this.#length -= lengthOf(reply)
    this.#byOwner.delete(owner)
  }

  #bound(owner: string, replies: Map<string, Reply>, now: EpochMs): void {
    for (const [id, { at }] of replies) {
      if (replies.size <= REPLIES_PER_OWNER_MAX && now - at <= REPLY_TTL_MS) break
      this.#drop(replies, id)
    }
    for (const other of this.#byOwner.keys()) {
      if (this.#length <= REPLIES_LENGTH_MAX || other === owner) break
      this.forget(other)
    }
  }

  #drop(replies: Map<string, Reply>, id: string): void {
    const reply = replies.get(id)
    if (reply === undefined) return
    this.#length -= lengthOf(reply)
    replies.delete(id)
  }
}

function lengthOf({ body }: Reply): number {
  return body.length + REPLY_OVERHEAD
}
