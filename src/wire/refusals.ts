import type { Refusal, RefusalFacts } from '../../machines/session/refusal.js'
import type { AdmissionRefusal } from '../../machines/supervisor/admission.js'
import { WireError } from './errors.js'
import { iso } from './project.js'
import { deckOf } from './settings.js'

const SECOND_MS = 1_000

/** Maps a refusal of the domain to an error of the table, with its facts under the contract's names. */
export function refusalError(refusal: Refusal | AdmissionRefusal): WireError {
  const { code, detail, facts } = refusal
  const { waitMs, ...told }: Facts = facts
  const context = contextOf(told)
  if (waitMs === undefined) return new WireError(code, { detail, context })
  return new WireError(code, { detail, context, retryAfterSeconds: Math.ceil(waitMs / SECOND_MS) })
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
  faults,
  deck,
  storyId,
  stories,
  storiesMax,
  textLengthMax,
  missing,
  unknown,
  repeated,
  sessionId,
  ...untold
}: Omit<Facts, 'waitMs'>): Record<string, unknown> {
  // The compiler insists that every new fact is mapped here.
  untold satisfies Record<string, never>
  const context = {
    user_id: userId,
    required_role: requiredRole,
    status,
    voting_phase: status,
    current_count: participants ?? sessions ?? stories,
    max_capacity: participantsMax,
    max_sessions: sessionsMax,
    grace_period_expires: graceExpiresAt == null ? graceExpiresAt : iso(graceExpiresAt),
    detection_time: detectedAt === undefined ? undefined : iso(detectedAt),
    affected_clients: affected,
    issues: faults,
    deck: deck === undefined ? undefined : deckOf(deck),
    story_id: storyId,
    max_stories: storiesMax,
    max_text_length: textLengthMax,
    missing,
    unknown,
    repeated,
    session_id: sessionId,
  }
  return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined))
}
