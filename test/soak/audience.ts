import { Api, type Person } from '../support/api.js'
import { IdleStream } from './idle-stream.js'

const STREAMS_PER_SESSION = 100
/** How many streams are opened at a time. */
const BATCH = 100

/** Sessions that are merely kept alive, and everybody who watches them. */
export class Audience {
  readonly #api: Api
  readonly #leaders: Person[] = []
  readonly #streams: IdleStream[] = []

  constructor(url: string) {
    this.#api = new Api(url)
  }

  /** How many sessions this many streams take. */
  static sessionsFor(streams: number): number {
    return Math.ceil(streams / STREAMS_PER_SESSION)
  }

  /** Streams that were ended by somebody else. */
  get lost(): number {
    return this.#streams.filter((stream) => stream.isClosed).length
  }

  get size(): number {
    return this.#streams.length
  }

  async open(count: number): Promise<void> {
    while (this.#streams.length < count) {
      const session = Math.floor(this.#streams.length / STREAMS_PER_SESSION)
      const leader = this.#leaders[session] ?? (await this.#api.create())
      this.#leaders[session] = leader
      const batch = Array.from(
        { length: Math.min(BATCH, count - this.#streams.length) },
        () => new IdleStream(this.#api.url, leader.sessionId),
      )
      this.#streams.push(...batch)
      await Promise.all(batch.map((stream) => stream.opened))
    }
  }

  /** Has somebody act in every session, so that it does not end. */
  async keep(): Promise<void> {
    for (const leader of this.#leaders) await this.#api.command(leader, 'extend')
  }

  async close(): Promise<void> {
    for (const leader of this.#leaders) await this.#api.command(leader, 'leave')
    for (const stream of this.#streams.splice(0)) stream.close()
  }
}
