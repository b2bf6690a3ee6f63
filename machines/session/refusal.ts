import type { Deck } from '../deck.js'
import type { EpochMs, StoryId, UserId } from '../ids.js'
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
    | 'VALIDATION_ERROR'
    | 'STORY_NOT_FOUND'
    | 'SEAT_CODE_INVALID'
    | 'RATE_LIMITED'
  /** One sentence for the user, more specific than the code's own. */
  readonly detail: string
  readonly facts: RefusalFacts
}

/** The facts behind a refusal; each code has those that its place of origin sets. */
export interface RefusalFacts {
  /** The person concerned: the caller, or whoever is missing. */
  readonly userId?: UserId
  readonly requiredRole?: 'scrum_master' | 'voter'
  readonly status?: SessionStatus
  readonly participants?: number
  readonly participantsMax?: number
  /** `null`: the session is no longer waiting. */
  readonly graceExpiresAt?: EpochMs | null
  /** A network partition: since when, and whom it affects. */
  readonly detectedAt?: EpochMs
  readonly affected?: readonly UserId[]
  /** The invalid members of the command, and why. */
  readonly faults?: readonly { readonly path: string; readonly message: string }[]
  /** The deck that lacks the card. */
  readonly deck?: Deck
  readonly storyId?: StoryId
  readonly stories?: number
  readonly storiesMax?: number
  /** The limit for the texts of all stories, in UTF-16 code units. */
  readonly textLengthMax?: number
  /** The ids that an order omits, invents, and repeats. */
  readonly missing?: readonly StoryId[]
  readonly unknown?: readonly StoryId[]
  readonly repeated?: readonly StoryId[]
  /** How long until the same is allowed. */
  readonly waitMs?: number
}

export function refuse(code: Refusal['code'], detail: string, facts: RefusalFacts = {}): Refusal {
  return { code, detail, facts }
}
