/** How many proposers' last counts are kept; each process that has proposed something in a session is one. */
const PROPOSERS_MAX = 16

/**
 * The last command of each process that proposed one. An entry that does not come after it was resent by
 * something on the way, and is ignored.
 */
export class Nonces {
  readonly #last: Map<string, number>

  constructor(entries: readonly (readonly [string, number])[] = []) {
    this.#last = new Map(entries)
  }

  get entries(): readonly (readonly [string, number])[] {
    return [...this.#last]
  }

  /**
   * Whether this nonce is later than all others of its proposer; notes it as seen.
   * @param nonce - `<name>.<count>`
   */
  isNew(nonce: string): boolean {
    const at = nonce.lastIndexOf('.')
    const name = nonce.slice(0, at)
    const count = Number(nonce.slice(at + 1))
    if (count <= (this.#last.get(name) ?? -1)) return false
    // Keeps the map in order of the latest proposal.
    this.#last.delete(name)
    this.#last.set(name, count)
    const [oldest] = this.#last.keys()
    if (this.#last.size > PROPOSERS_MAX && oldest !== undefined) this.#last.delete(oldest)
    return true
  }
}

/** Whether this node proposed the entry with this nonce. */
export function isOf(node: string, nonce: string): boolean {
  return nonce.slice(0, nonce.lastIndexOf('.')) === node
}
