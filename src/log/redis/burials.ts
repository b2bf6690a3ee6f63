import type { Room, SessionId } from '../../../machines/ids.js'
import type { SessionList } from './session-list.js'

/** Sessions that are over and of which Redis does not know yet; the oldest ones end there with their time. */
const UNBURIED_MAX = 10_000

/** A session that is over. */
export interface Grave {
  readonly room: Room | null
  /** Nobody was told of it, and others may have loaded it: they are to hear of its end. */
  readonly isOpen: boolean
}

/** Has Redis note that sessions are over, however often that takes. */
export class Burials {
  readonly #list: SessionList
  readonly #nextNonce: () => string
  /** Those that are over, as long as Redis does not know. */
  readonly #left = new Map<SessionId, Grave>()

  /** @param nextNonce - for entries that say so */
  constructor(list: SessionList, nextNonce: () => string) {
    this.#list = list
    this.#nextNonce = nextNonce
  }

  has(id: SessionId): boolean {
    return this.#left.has(id)
  }

  add(id: SessionId, grave: Grave): void {
    this.#left.set(id, grave)
    const [oldest] = this.#left.keys()
    if (this.#left.size > UNBURIED_MAX && oldest !== undefined) this.#left.delete(oldest)
    this.#bury(id, grave).then(
      () => this.#left.delete(id),
      () => {
        // Redis is away; it is told when it is back.
      },
    )
  }

  /** It is there again. */
  delete(id: SessionId): void {
    this.#left.delete(id)
  }

  /** What could not be said is said again. */
  repeat(): void {
    for (const [id, grave] of this.#left) this.add(id, grave)
  }

  async #bury(id: SessionId, { room, isOpen }: Grave): Promise<void> {
    if (isOpen) await this.#list.close(id, this.#nextNonce())
    await this.#list.bury(id, room)
  }
}
