import { pause } from './pause.js'

export interface LifelineOptions {
  /** Says that the participant is still there; whoever was away is back with it. */
  readonly heartbeat: (signal: AbortSignal) => Promise<Heartbeat>
}

export interface Heartbeat {
  /** Seconds. */
  readonly next_heartbeat: number
}

const RETRY_MS = 5_000
const SECOND_MS = 1_000

/**
 * Keeps a participant present who has no stream: to the server, who polls has left the table, and a
 * Scrum Master who polls would leave it to the grace period. Heartbeats once begun go on, since
 * the server counts on the next one from then on, stream or not.
 */
export class Lifeline {
  readonly #options: LifelineOptions
  readonly #stopped = new AbortController()
  #nudged = new AbortController()
  #running: Promise<void> | null = null

  constructor(options: LifelineOptions) {
    this.#options = options
  }

  /** Begins, unless it runs already. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** The server takes the participant to be gone: it hears of it at once, if this runs. */
  nudge(): void {
    this.#nudged.abort()
  }

  /** Settles when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#nudged.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      let waitMs = RETRY_MS
      try {
        const { next_heartbeat } = await this.#options.heartbeat(signal)
        if (next_heartbeat > 0) waitMs = next_heartbeat * SECOND_MS
      } catch {
        // Whether the server can be reached, and why not, the feed finds out.
      }
      this.#nudged = new AbortController()
      if (signal.aborted) return
      await pause(waitMs, this.#nudged.signal)
    }
  }
}
