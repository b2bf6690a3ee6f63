import type { Person } from './api.js'
import { later, until } from './clients.js'
import type { Http2Api, Http2Stream } from './http2-api.js'
import type { Frame } from './sse.js'

/** A test is less patient than a browser, which is told to wait for some seconds. */
const RETRY_MS = 100

/** Somebody's stream that is reopened whenever it ends, from where it was, as a browser does. */
export class LastingStream {
  /** Statuses other than 200, after which a browser would never come back; after no answer it does. */
  readonly failures: number[] = []
  readonly #open: (lastEventId: string | undefined) => Http2Stream
  readonly #running: Promise<void>
  readonly #earlier: Frame[] = []
  #current: Http2Stream
  #isOver = false
  #openings = 0

  constructor(api: Http2Api, { sessionId, token }: Person) {
    this.#open = (id) => api.stream(sessionId, { token, ...(id === undefined ? {} : { lastEventId: id }) })
    this.#current = this.#open(undefined)
    this.#running = this.#run()
  }

  /** Everything received, over all openings. */
  get frames(): readonly Frame[] {
    return [...this.#earlier, ...this.#current.frames]
  }

  get types(): string[] {
    return this.frames.map(({ data }) => data.type)
  }

  /** How often an opening brought something. */
  get openings(): number {
    return this.#openings + (this.#current.frames.length > 0 ? 1 : 0)
  }

  /** That of the last frame received. */
  get version(): number {
    return this.frames.at(-1)?.data.state_version ?? -1
  }

  async close(): Promise<void> {
    this.#isOver = true
    this.#current.close()
    await this.#running
  }

  async #run(): Promise<void> {
    for (;;) {
      await until(() => this.#current.isClosed)
      if (this.#isOver) return
      if (![0, 200].includes(this.#current.status)) this.failures.push(this.#current.status)
      await later(RETRY_MS)
      this.#openings = this.openings
      this.#earlier.push(...this.#current.frames)
      this.#current = this.#open(this.#earlier.findLast(({ id }) => id !== undefined)?.id)
      if (this.#isOver) this.#current.close()
    }
  }
}
