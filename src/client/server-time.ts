/**
 * An estimate of the server's time: a laptop's clock may be wrong by minutes. Each frame says when it was
 * written, which is before it arrives, so the latest estimate of all is the most accurate.
 */
export class ServerTime {
  /** The server's time minus the monotonic clock. */
  #offsetMs: number | null = null

  /** @param timestamp - of a frame that just arrived, as the server writes it; an invalid one is ignored */
  heard(timestamp: string): void {
    const offsetMs = Date.parse(timestamp) - performance.now()
    if (Number.isFinite(offsetMs)) this.#offsetMs = Math.max(this.#offsetMs ?? offsetMs, offsetMs)
  }

  /** In milliseconds since 1970; until something was received, by this machine's clock. */
  now(): number {
    return this.#offsetMs === null ? Date.now() : performance.now() + this.#offsetMs
  }
}
