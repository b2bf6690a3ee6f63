/**
 * The server's time, as far as it is known: a laptop's own clock may be wrong by minutes. Each frame says
 * when it was written, and was so before it came; the latest of all is the nearest to the truth.
 */
export class ServerTime {
  /** The server's time less the monotonic clock's. */
  #offsetMs: number | null = null

  /** @param timestamp - of a frame that has just come, as the server writes it; one that is none says nothing */
  heard(timestamp: string): void {
    const offsetMs = Date.parse(timestamp) - performance.now()
    if (Number.isFinite(offsetMs)) this.#offsetMs = Math.max(this.#offsetMs ?? offsetMs, offsetMs)
  }

  /** In milliseconds since 1970; before anything was heard, by this machine's clock. */
  now(): number {
    return this.#offsetMs === null ? Date.now() : performance.now() + this.#offsetMs
  }
}
