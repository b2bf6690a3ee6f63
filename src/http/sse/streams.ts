import type { UserId } from '../../../machines/ids.js'
import type { Stream } from './stream.js'

/** How many streams may be open at a time (contract section 2). */
export interface StreamLimits {
  readonly perParticipant: number
  /** `null`: any number. */
  readonly perAddress: number | null
  readonly perServer: number
}

/** All open streams of this process, counted for their limits. */
export class Streams {
  readonly #limits: StreamLimits
  readonly #open = new Map<Stream, string>()
  readonly #byAddress = new Map<string, number>()
  /** In the order in which they were opened. */
  readonly #byParticipant = new Map<UserId, Set<Stream>>()

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

  /** Counts a stream in; a participant who has too many loses the oldest. */
  add(stream: Stream, address: string): void {
    this.#open.set(stream, address)
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
    if (stream.userId === null) return
    const own = this.#byParticipant.get(stream.userId) ?? new Set<Stream>()
    this.#byParticipant.set(stream.userId, own.add(stream))
    const [oldest] = own
    if (own.size > this.#limits.perParticipant && oldest !== undefined) oldest.end('replaced')
  }

  delete(stream: Stream): void {
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

  [Symbol.iterator](): Iterator<Stream> {
    return this.#open.keys()
  }
}
