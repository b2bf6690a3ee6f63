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
  /** One sentence for a person, more exact than the code's own. */
  readonly detail: string
  readonly facts: RefusalFacts
}

/** What a refusal rests on; which of it a code has, the place that refuses says. */
export interface RefusalFacts {
  /** Whom it concerns: who asked, or who is not there. */
  readonly userId?: UserId
  readonly requiredRole?: 'scrum_master' | 'voter'
  readonly status?: SessionStatus
  readonly participants?: number
  readonly participantsMax?: number
  /** `null`: the session does not wait any more. */
  readonly graceExpiresAt?: EpochMs | null
  /** A cut of the network: since when, and whom it cut off. */
  readonly detectedAt?: EpochMs
  readonly affected?: readonly UserId[]
  /** What of the command is not valid, by its member, and why. */
  readonly faults?: readonly { readonly path: string; readonly message: string }[]
  /** The deck that a card is not in. */
  readonly deck?: Deck
  readonly storyId?: StoryId
  readonly stories?: number
  readonly storiesMax?: number
  /** Of all stories' texts together, in UTF-16 code units. */
  readonly textLengthMax?: number
  /** What an order leaves out, makes up, and names twice. */
  readonly missing?: readonly StoryId[]
  readonly unknown?: readonly StoryId[]
  readonly repeated?: readonly StoryId[]
  /** When the same would be allowed, from now. */
  readonly waitMs?: number
}

export function refuse(code: Refusal['code'], detail: string, facts: RefusalFacts = {}): Refusal {
  return { code, detail, facts }
}
