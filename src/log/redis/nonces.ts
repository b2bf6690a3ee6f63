/** Proposers whose last count is kept; there is one for each process that a session has been on. */
const PROPOSERS_MAX = 16

/**
 * The last command of each process that proposed one. An entry that does not come behind it was resent by
 * something on the way, and counts for nothing.
 */
export class Nonces {
  readonly #last: Map<string, number>

  constructor(entries: readonly (readonly [string, number])[] = []) {
    this.#last = new Map(entries)
  }

  get entries(): readonly (readonly [string, number])[] {
    return [...this.#last]
  }

  /** Whether this one comes behind all others of its proposer; from here on it does not. @param nonce - `<name>.<count>` */
  isNew(nonce: string): boolean {
    const at = nonce.lastIndexOf('.')
    const name = nonce.slice(0, at)
    const count = Number(nonce.slice(at + 1))
    if (count <= (this.#last.get(name) ?? -1)) return false
    // Who has proposed something last stands last.
    this.#last.delete(name)
    this.#last.set(name, count)
    const [oldest] = this.#last.keys()
    if (this.#last.size > PROPOSERS_MAX && oldest !== undefined) this.#last.delete(oldest)
    return true
  }
}

/** Whether it was this process that proposed the entry with this nonce. */
export function isOf(node: string, nonce: string): boolean {
  return nonce.slice(0, nonce.lastIndexOf('.')) === node
}
