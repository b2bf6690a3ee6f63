/** A body is large above this many bytes: only lists and tables of stories are. */
export const LARGE_BYTES = 65_536
/** More are refused: 32 MiB at most wait for their end, or for their turn. */
const AT_ONCE_MAX = 32

/**
 * The large bodies of a server. Few may arrive at a time, since each is kept in memory until it is whole. And
 * each is read in a turn of its own, so that many that become whole at the same time do not keep everybody
 * waiting.
 */
export class LargeBodies {
  #count = 0
  readonly #whole: (() => void)[] = []

  /** Takes a place. @returns whether there was one */
  enter(): boolean {
    if (this.#count === AT_ONCE_MAX) return false
    this.#count += 1
    return true
  }

  /** Gives a place back. */
  leave(): void {
    this.#count -= 1
  }

  /** Does this in a turn in which no other large body is read. */
  inTurn(work: () => void): void {
    this.#whole.push(work)
    if (this.#whole.length === 1) setImmediate(this.#next)
  }

  readonly #next = () => {
    const [work] = this.#whole
    try {
      work?.()
    } finally {
      this.#whole.shift()
      if (this.#whole.length > 0) setImmediate(this.#next)
    }
  }
}
