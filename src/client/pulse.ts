/** After three missing heartbeats a stream counts as silent. */
const HEARTBEATS_MISSED_MAX = 3
/** The contract's default for a stream that does not announce its interval. */
const HEARTBEAT_MS = 15_000
/** The lower limit: a network may pause for a while. */
const SILENCE_MS_MIN = 5_000
/** The announcement at the start of a stream, in milliseconds. */
const ANNOUNCEMENT = /^heartbeat=(\d{1,12})$/

/** The heartbeat interval of one stream, and so how long it may be silent. */
export class Pulse {
  #announcedMs: number | null = null

  /** Reads the heartbeat interval from a comment in the stream, if it has one. */
  read(comment: string): void {
    const [, announced] = ANNOUNCEMENT.exec(comment.trim()) ?? []
    if (announced !== undefined) this.#announcedMs = Number(announced)
  }

  /**
   * After how long a silent stream counts as dead, in milliseconds.
   * @param givenMs - what this program has set; `null`: derived from the heartbeats
   * @param ownMs - the interval that the participant has asked for, perhaps after the stream was opened
   */
  silenceMs(givenMs: number | null, ownMs: number | null): number {
    const askedMs = HEARTBEATS_MISSED_MAX * (ownMs ?? 0)
    const usualMs = HEARTBEATS_MISSED_MAX * (this.#announcedMs ?? HEARTBEAT_MS)
    return Math.max(givenMs ?? Math.max(usualMs, SILENCE_MS_MIN), askedMs)
  }
}
