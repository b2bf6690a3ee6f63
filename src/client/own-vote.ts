import type { Card } from '../../machines/card.js'

/** The participant's choice in the current round, and its progress. */
export interface OwnVote {
  /** The card chosen last, or on the table; `null`: none, unknown, or being taken back. */
  readonly card: Card | null
  /**
   * `queued`: it waits for the connection, or for the end of a pause. `sending`: it is on its way. `cast`: it
   * is on the table. `unknown`: a card was cast elsewhere; the server is being asked which.
   */
  readonly phase: 'none' | 'queued' | 'sending' | 'cast' | 'unknown'
  /** The last card that could no longer be cast; until another is chosen or the next round starts. */
  readonly withdrawn: Withdrawal | null
}

/** A card that was chosen but will not be cast. */
export interface Withdrawal {
  /** `null`: a card on the table should have been taken back, but stays. */
  readonly card: Card | null
  /**
   * `no_round`: no round is open. `revealed`, `round_over`: the round was revealed, or another has begun.
   * `session_over`, `left`: the session is over, or the participant has left it. `refused`: the server did
   * not accept it, such as a card that is not in the deck. `closed`: this client was closed.
   */
  readonly reason: 'no_round' | 'revealed' | 'round_over' | 'session_over' | 'left' | 'refused' | 'closed'
  /** The server's explanation for the user, if it refused. */
  readonly message: string | null
}

/** The outcome for a card. `replaced`: another was chosen before this one was sent, here or elsewhere. */
export type VoteOutcome =
  | { readonly type: 'cast' }
  | { readonly type: 'replaced' }
  | ({ readonly type: 'withdrawn' } & Withdrawal)

export const NO_VOTE: OwnVote = { card: null, phase: 'none', withdrawn: null }
