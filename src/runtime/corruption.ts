/** What of a session's state does not hold. */
export type CorruptionType = 'broken_invariant' | 'endless_timers' | 'restored_differently'

/** A session's state is not what it can be; it is set back to the last good one. */
export class CorruptionError extends Error {
  override readonly name = 'CorruptionError'
  readonly kind: CorruptionType

  constructor(kind: CorruptionType, message: string) {
    super(message)
    this.kind = kind
  }
}
