import type { Connection } from './connection.js'

/** Without a word for so long it is deaf, and is made anew, in milliseconds. */
const DEAF_MS = 4_000

export interface SubscriptionOptions {
  readonly connection: Connection
  readonly channels: readonly string[]
  readonly heard: (channel: string, text: string) => void
  /** It is there, or there again: what was said meanwhile was not heard. */
  readonly begun: () => void
}

/**
 * Hears what is said on channels, as far as nothing is lost: that can happen at any time, and whoever listens
 * looks for themselves now and then. Something must be said every second, by which it is known that it hears.
 */
export class Subscription {
  readonly #options: SubscriptionOptions
  #client: ReturnType<Connection['duplicate']> | null = null
  #heardAt = 0
  #isClosed = false

  constructor(options: SubscriptionOptions) {
    this.#options = options
    this.#begin()
  }

  /** To be called now and then while Redis answers: one that is deaf begins anew. */
  look(): void {
    if (performance.now() - this.#heardAt < DEAF_MS) return
    this.#client?.destroy()
    this.#begin()
  }

  close(): void {
    this.#isClosed = true
    if (this.#client?.isOpen) this.#client.destroy()
  }

  #begin(): void {
    if (this.#isClosed) return
    const { connection, channels, heard, begun } = this.#options
    this.#heardAt = performance.now()
    const client = connection.duplicate()
    this.#client = client
    // The other connection tells of it, and look() begins anew.
    client.on('error', () => {})
    client.on('ready', begun)
    const hear = (text: string, channel: string) => {
      this.#heardAt = performance.now()
      heard(channel, text)
    }
    client
      .connect()
      .then(() => client.sSubscribe([...channels], hear))
      .then(begun)
      .catch(() => {})
  }
}
