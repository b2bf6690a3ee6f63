/** A moment, on both clocks of the platform, in milliseconds. */
export interface Instant {
  readonly monotonic: number
  readonly wall: number
}

export function instant(): Instant {
  return { monotonic: performance.now(), wall: Date.now() }
}

/**
 * How long ago a moment was, including any sleep of the machine. Systems differ in whether the monotonic
 * clock counts sleep, so the larger of both clocks' differences counts. A wall clock that was set forward
 * makes the result too long; one that was set back does not matter.
 */
export function elapsedMs(since: Instant): number {
  const { monotonic, wall } = instant()
  return Math.max(monotonic - since.monotonic, wall - since.wall)
}
