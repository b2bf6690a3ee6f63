/** Three heartbeats that did not come are a silence. */
const HEARTBEATS_MISSED_MAX = 3
/** What the contract has for a stream that does not say how often it beats. */
const HEARTBEAT_MS = 15_000
/** Whatever the heartbeats are, a network may pause for a while. */
const SILENCE_MS_MIN = 5_000
/** At the head of a stream, in milliseconds. */
const ANNOUNCEMENT = /^heartbeat=(\d{1,12})$/

/** How often one stream beats, and so how long it may say nothing. */
export class Pulse {
  #announcedMs: number | null = null

  /** Looks whether a comment in the stream says how often heartbeats come. */
  read(comment: string): void {
    const [, announced] = ANNOUNCEMENT.exec(comment.trim()) ?? []
    if (announced !== undefined) this.#announcedMs = Number(announced)
  }

  /**
   * After how long without a word the stream counts as dead, in milliseconds.
   * @param givenMs - what this program has set; `null`: as the heartbeats are
   * @param ownMs - how long between two heartbeats where the participant has asked for others, after the
   * stream was opened perhaps
   */
  silenceMs(givenMs: number | null, ownMs: number | null): number {
    const askedMs = HEARTBEATS_MISSED_MAX * (ownMs ?? 0)
    const usualMs = HEARTBEATS_MISSED_MAX * (this.#announcedMs ?? HEARTBEAT_MS)
    return Math.max(givenMs ?? Math.max(usualMs, SILENCE_MS_MIN), askedMs)
  }
}
