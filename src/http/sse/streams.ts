import type { UserId } from '../../../machines/ids.js'

/** How many streams may be open at a time (contract section 2). */
export interface StreamLimits {
  readonly perParticipant: number
  /** `null`: any number. */
  readonly perAddress: number | null
  readonly perServer: number
}

/** A stream, or a poll, which counts as one. */
export interface Open {
  /** The authenticated participant; `null`: a watcher. */
  readonly userId: UserId | null
  /**
   * A later stream of the same participant takes its place: it ends, and its client is told to stay away for
   * a while.
   */
  giveWay(): void
  /** The server shuts down: it ends, and its client is told when to reconnect. */
  restart(retryMs: number): void
  /** Closes the connection, whatever is still being sent. */
  destroy(): void
}

/** All open streams of this process, counted for their limits. */
export class Streams {
  readonly #limits: StreamLimits
  readonly #open = new Map<Open, string>()
  readonly #byAddress = new Map<string, number>()
  /** In the order in which they were opened. */
  readonly #byParticipant = new Map<UserId, Set<Open>>()

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  get count(): number {
    return this.#open.size
  }

  /** Whether one more stream may be opened from this address. */
  hasPlaceFor(address: string): boolean {
    const { perAddress, perServer } = this.#limits
    if (this.#open.size >= perServer) return false
    return perAddress === null || (this.#byAddress.get(address) ?? 0) < perAddress
  }

  /** Adds a stream; a participant with too many loses the oldest. */
  add(stream: Open, address: string): void {
    this.#open.set(stream, address)
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
    if (stream.userId === null) return
    const own = this.#byParticipant.get(stream.userId) ?? new Set<Open>()
    this.#byParticipant.set(stream.userId, own.add(stream))
    for (const oldest of own) {
      if (own.size <= this.#limits.perParticipant) break
      // It closes later; until then, the next stream must not count it.
      own.delete(oldest)
      oldest.giveWay()
    }
  }

  delete(stream: Open): void {
    const address = this.#open.get(stream)
    if (address === undefined) return
    this.#open.delete(stream)
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
    if (stream.userId === null) return
    const own = this.#byParticipant.get(stream.userId)
    own?.delete(stream)
    if (own?.size === 0) this.#byParticipant.delete(stream.userId)
  }

  [Symbol.iterator](): Iterator<Open> {
    return this.#open.keys()
  }
}
