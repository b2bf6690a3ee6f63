import type { EpochMs, UserId } from '../ids.js'
import type { SessionStatus } from './status.js'

/** Why a command is refused: one of the contract's error codes, with what a client may be told. */
export interface Refusal {
  readonly code:
    | 'SESSION_NOT_FOUND'
    | 'USER_NOT_FOUND'
    | 'SESSION_FULL'
    | 'UNAUTHORIZED'
    | 'VOTING_ERROR'
    | 'SESSION_STATE_CONFLICT'
    | 'GRACE_PERIOD_ERROR'
    | 'NETWORK_PARTITION'
    | 'MALFORMED_REQUEST'
  /** One sentence for a person, more exact than the code's own. */
  readonly detail: string
  readonly facts: RefusalFacts
}

/** What a refusal rests on; which of it a code has, the place that refuses says. */
export interface RefusalFacts {
  /** Whom it concerns: who asked, or who is not there. */
  readonly userId?: UserId
  readonly requiredRole?: 'scrum_master'
  readonly status?: SessionStatus
  readonly participants?: number
  readonly participantsMax?: number
  /** `null`: the session does not wait any more. */
  readonly graceExpiresAt?: EpochMs | null
  /** A cut of the network: since when, and whom it cut off. */
  readonly detectedAt?: EpochMs
  readonly affected?: readonly UserId[]
}

export function refuse(code: Refusal['code'], detail: string, facts: RefusalFacts = {}): Refusal {
  return { code, detail, facts }
}
