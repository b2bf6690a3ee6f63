import { DEFAULT_DECK, type Deck } from '../deck.js'

/** How a team wants its session (contract section 9); it may change its mind. The server's limits are another matter. */
export interface SessionRules {
  readonly deck: Deck
  /** The votes are revealed once every voter who is present has voted, or the round's time is up. */
  readonly revealsItself: boolean
  /** How long a round lasts, in milliseconds; `null`: until somebody reveals. */
  readonly roundMs: number | null
  /** Who may reveal: the Scrum Master, or every participant. */
  readonly whoMayReveal: 'scrum_master' | 'everyone'
  /** A voter may change their card when the votes are revealed. */
  readonly allowsVoteAfterReveal: boolean
  /** Nobody ever learns who cast what. */
  readonly hasAnonymousVotes: boolean
  /** Whether lists of sessions name it. */
  readonly isListed: boolean
}

/** What a team gets that asks for nothing. */
export const DEFAULT_RULES: SessionRules = {
  deck: DEFAULT_DECK,
  revealsItself: false,
  roundMs: null,
  whoMayReveal: 'scrum_master',
  allowsVoteAfterReveal: false,
  hasAnonymousVotes: false,
  isListed: true,
}

/** The rules with what was asked for; what was not named stays. */
export function withRules(rules: SessionRules, wish: Partial<SessionRules>): SessionRules {
  return { ...rules, ...wish }
}

/** Whether a round that is open forbids this wish: its deck and its anonymity are its own from its start. */
export function concernsOpenRound(rules: SessionRules, wish: Partial<SessionRules>): boolean {
  const next = withRules(rules, wish)
  return next.hasAnonymousVotes !== rules.hasAnonymousVotes || !isSameDeck(next.deck, rules.deck)
}

/** Whether a wish is what holds already. */
export function isFulfilled(rules: SessionRules, wish: Partial<SessionRules>): boolean {
  const next = withRules(rules, wish)
  return (
    isSameDeck(next.deck, rules.deck) &&
    next.revealsItself === rules.revealsItself &&
    next.roundMs === rules.roundMs &&
    next.whoMayReveal === rules.whoMayReveal &&
    next.allowsVoteAfterReveal === rules.allowsVoteAfterReveal &&
    next.hasAnonymousVotes === rules.hasAnonymousVotes &&
    next.isListed === rules.isListed
  )
}

function isSameDeck(one: Deck, other: Deck): boolean {
  return one.name === other.name && one.cards.join('\n') === other.cards.join('\n')
}
