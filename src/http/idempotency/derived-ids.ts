import { createHmac } from 'node:crypto'
import type { RoundId, SessionId, StoryId, UserId } from '../../../machines/ids.js'
import type { Ids } from '../../../machines/ports.js'

/** The ids that a request may create. */
export type MadeIds = Pick<Ids, 'sessionId' | 'userId' | 'roundId' | 'storyId'>

const UUID = /^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/

/**
 * The ids of a repeatable request, derived from its key, which the client keeps, and from a salt, which goes
 * into the log with the command. Whoever has both can derive the same ids again; they are UUID v4 like all
 * others.
 */
export class DerivedIds implements MadeIds {
  readonly #key: string
  readonly #salt: Buffer
  #count = 0

  constructor(key: string, salt: Buffer) {
    this.#key = key
    this.#salt = salt
  }

  sessionId(): SessionId {
    return this.#next('session') as SessionId
  }

  userId(): UserId {
    return this.#next('user') as UserId
  }

  roundId(): RoundId {
    return this.#next('round') as RoundId
  }

  storyId(): StoryId {
    return this.#next('story') as StoryId
  }

  #next(kind: string): string {
    const count = ++this.#count
    const digest = createHmac('sha256', this.#salt).update(`${kind} ${count} ${this.#key}`).digest('hex')
    return digest.replace(UUID, '$1-$2-4$3-a$4-$5')
  }
}
