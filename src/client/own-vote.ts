import type { Card } from '../../machines/card.js'

/** What a participant has chosen in the round at hand, and how far it has come. */
export interface OwnVote {
  /** What was chosen last, or lies on the table; `null`: nothing, or it is not known, or is being taken back. */
  readonly card: Card | null
  /**
   * `queued`: it waits for the connection, or for the end of a pause. `sending`: it is on its way.
   * `cast`: it lies on the table. `unknown`: one lies there, laid from elsewhere; the server is asked.
   */
  readonly phase: 'none' | 'queued' | 'sending' | 'cast' | 'unknown'
  /** The last card that could not be laid any more; until another is chosen, or the next round starts. */
  readonly withdrawn: Withdrawal | null
}

/** A card that was chosen, and will not be laid. */
export interface Withdrawal {
  /** `null`: one that lies on the table was to be taken back, and stays. */
  readonly card: Card | null
  /**
   * `no_round`: none had been started. `revealed`, `round_over`: the round was, or another has begun.
   * `session_over`, `left`: so is the session, or the participant is out of it. `refused`: the server
   * would not have it, as one that is not in the deck. `closed`: this client was.
   */
  readonly reason: 'no_round' | 'revealed' | 'round_over' | 'session_over' | 'left' | 'refused' | 'closed'
  /** The server's sentence for a person, where it refused. */
  readonly message: string | null
}

/** What became of a card. `replaced`: another was chosen before it was laid, here or elsewhere. */
export type VoteOutcome =
  | { readonly type: 'cast' }
  | { readonly type: 'replaced' }
  | ({ readonly type: 'withdrawn' } & Withdrawal)

export const NO_VOTE: OwnVote = { card: null, phase: 'none', withdrawn: null }
