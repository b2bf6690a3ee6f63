import type { Refusal, RefusalFacts } from '../../machines/session/refusal.js'
import type { AdmissionRefusal } from '../../machines/supervisor/admission.js'
import { WireError } from './errors.js'
import { iso } from './project.js'

/** What a refusal of the domain is to a client: the table's error, with what it rests on in the contract's words. */
export function refusalError(refusal: Refusal | AdmissionRefusal): WireError {
  return new WireError(refusal.code, { detail: refusal.detail, context: contextOf(refusal.facts) })
}

type Facts = RefusalFacts & Partial<AdmissionRefusal['facts']>

function contextOf({
  userId,
  requiredRole,
  status,
  participants,
  participantsMax,
  sessions,
  sessionsMax,
  graceExpiresAt,
  detectedAt,
  affected,
  ...untold
}: Facts): Record<string, unknown> {
  // A new fact is told here, or the compiler asks for it.
  untold satisfies Record<string, never>
  const context = {
    user_id: userId,
    required_role: requiredRole,
    status,
    voting_phase: status,
    current_count: participants ?? sessions,
    max_capacity: participantsMax,
    max_sessions: sessionsMax,
    grace_period_expires: graceExpiresAt == null ? graceExpiresAt : iso(graceExpiresAt),
    detection_time: detectedAt === undefined ? undefined : iso(detectedAt),
    affected_clients: affected,
  }
  return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined))
}
