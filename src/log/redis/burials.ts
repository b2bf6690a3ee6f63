import type { Room, SessionId } from '../../../machines/ids.js'
import type { SessionList } from './session-list.js'

/** The most ended sessions remembered that Redis does not know of yet; older ones simply expire there. */
const UNBURIED_MAX = 10_000

/** A session that is over. */
export interface Grave {
  readonly room: Room | null
  /** Nobody was told of it, but other processes may have loaded it: they must hear that it is over. */
  readonly isOpen: boolean
}

/** Has Redis record that sessions are over, with as many attempts as that takes. */
export class Burials {
  readonly #list: SessionList
  readonly #nextNonce: () => string
  /** Sessions that are over, until Redis knows. */
  readonly #left = new Map<SessionId, Grave>()

  /** @param nextNonce - for the entries that end a session */
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
        // Redis is away; repeat() tells it once it is back.
      },
    )
  }

  /** The session is there again. */
  delete(id: SessionId): void {
    this.#left.delete(id)
  }

  /** Tries again with everything that Redis could not be told. */
  repeat(): void {
    for (const [id, grave] of this.#left) this.add(id, grave)
  }

  async #bury(id: SessionId, { room, isOpen }: Grave): Promise<void> {
    if (isOpen) await this.#list.close(id, this.#nextNonce())
    await this.#list.bury(id, room)
  }
}
