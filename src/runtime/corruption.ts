import type { EpochMs, SessionId, Version } from '../../machines/ids.js'
import type { CorruptionReportView } from '../wire/events/notices.js'
import { iso } from '../wire/project.js'

/** What is wrong with a session's state. */
export type CorruptionType = 'broken_invariant' | 'endless_timers' | 'restored_differently'

/** A session's state is invalid; the session is reset to its last good state. */
export class CorruptionError extends Error {
  override readonly name = 'CorruptionError'
  readonly kind: CorruptionType

  constructor(kind: CorruptionType, message: string) {
    super(message)
    this.kind = kind
  }
}

/**
 * What was found, for clients, the log and whoever is on call.
 * @param version - of the state that the session was reset to
 */
export function corruptionReport(
  { kind, message }: CorruptionError,
  { id, at, version }: { readonly id: SessionId; readonly at: EpochMs; readonly version: Version },
  isRecovered: boolean,
): CorruptionReportView {
  return {
    corruption_type: kind,
    affected_session: id,
    detected_at: iso(at),
    corruption_data: { finding: message, state_version: version },
    recovery_attempted: true,
    recovery_successful: isRecovered,
    backup_state_available: true,
  }
}
