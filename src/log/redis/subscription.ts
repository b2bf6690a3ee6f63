import type { Connection } from './connection.js'

/** A subscription that hears nothing for this long is deaf and gets replaced, in milliseconds. */
const DEAF_MS = 4_000

export interface SubscriptionOptions {
  readonly connection: Connection
  readonly channels: readonly string[]
  readonly heard: (channel: string, text: string) => void
  /** It is there, or there again: messages sent in the meantime were not heard. */
  readonly begun: () => void
}

/**
 * Listens on channels. Messages can be lost at any time, so whoever relies on them must also look for
 * themselves now and then. Something must be published every second, as proof that this still hears.
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

  /** Call this now and then while Redis answers: it replaces a deaf subscription. */
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
    // The other connection reports it, and look() starts again.
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
