import { pause } from './pause.js'

export interface LifelineOptions {
  /** Says that the participant is still there; it also brings back one who was away. */
  readonly heartbeat: (signal: AbortSignal) => Promise<Heartbeat>
}

export interface Heartbeat {
  /** Seconds. */
  readonly next_heartbeat: number
}

const RETRY_MS = 5_000
const SECOND_MS = 1_000

/**
 * Keeps a participant without a stream present. To the server, a polling participant has left the table, and
 * a polling Scrum Master would start the grace period. Once begun, heartbeats continue even with a stream,
 * since the server expects the next one.
 */
export class Lifeline {
  readonly #options: LifelineOptions
  readonly #stopped = new AbortController()
  #nudged = new AbortController()
  #running: Promise<void> | null = null

  constructor(options: LifelineOptions) {
    this.#options = options
  }

  /** Starts, unless it is already running. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** The server considers the participant gone: corrects that at once, if running. */
  nudge(): void {
    this.#nudged.abort()
  }

  /** Settles when no request is under way. */
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
        // The feed finds out whether the server can be reached.
      }
      this.#nudged = new AbortController()
      if (signal.aborted) return
      await pause(waitMs, this.#nudged.signal)
    }
  }
}
