import { DEFAULT_DECK, type Deck } from '../deck.js'

/** A team's settings for its session (contract section 9), which it may change. The server's limits are separate. */
export interface SessionRules {
  readonly deck: Deck
  /** The votes are revealed once every voter who is present has voted, or the round's time is up. */
  readonly revealsItself: boolean
  /** How long a round lasts, in milliseconds; `null`: until somebody reveals. */
  readonly roundMs: number | null
  /** Who may reveal: the Scrum Master, or every participant. */
  readonly whoMayReveal: 'scrum_master' | 'everyone'
  /** Voters may change their card after the reveal. */
  readonly allowsVoteAfterReveal: boolean
  /** Who cast what is never revealed. */
  readonly hasAnonymousVotes: boolean
  /** Whether it appears in the list of sessions. */
  readonly isListed: boolean
}

/** The defaults. */
export const DEFAULT_RULES: SessionRules = {
  deck: DEFAULT_DECK,
  revealsItself: false,
  roundMs: null,
  whoMayReveal: 'scrum_master',
  allowsVoteAfterReveal: false,
  hasAnonymousVotes: false,
  isListed: true,
}

/** The rules with the requested changes; the others stay. */
export function withRules(rules: SessionRules, wish: Partial<SessionRules>): SessionRules {
  return { ...rules, ...wish }
}

/** Whether an open round forbids this change: its deck and anonymity are fixed when it starts. */
export function concernsOpenRound(rules: SessionRules, wish: Partial<SessionRules>): boolean {
  const next = withRules(rules, wish)
  return next.hasAnonymousVotes !== rules.hasAnonymousVotes || !isSameDeck(next.deck, rules.deck)
}

/** Whether a requested change is already in effect. */
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
