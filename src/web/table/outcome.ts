import type { PastRoundView, RoundView, SessionView, UserView } from '../../client/client.js'
import { worthOf } from '../parts/ruler.js'
import { cardsOf, personOf } from './view.js'

/** A card of the deck, and who chose it. */
export interface Step {
  readonly card: string
  readonly votes: number
  /** In joining order; empty if votes are anonymous. */
  readonly people: readonly Chooser[]
  /** Whether it is within the range of the chosen numbers, and whether it is one end of it. */
  readonly isInRange: boolean
  readonly isLowest: boolean
  readonly isHighest: boolean
  /** Whether a team can agree on it. */
  readonly isEstimate: boolean
}

export interface Chooser {
  readonly user: UserView
  readonly isMe: boolean
  /** The card of the previous attempt, if it was different. */
  readonly from: string | null
}

/** The result of a revealed round. */
export interface Outcome {
  readonly steps: readonly Step[]
  readonly votes: number
  readonly attempt: number
  readonly average: number | null
  readonly median: number | null
  /** Share of the counting votes that are on the most common one, 0 to 1. */
  readonly agreement: number | null
  /** The agreement of the previous attempt. */
  readonly agreementBefore: number | null
  /** The most common cards, in deck order. */
  readonly modes: readonly string[]
  /** The deck's number nearest the mean. */
  readonly suggestion: string | null
  /** The card that everybody chose, with at least two votes. */
  readonly consensus: string | null
  readonly isAnonymous: boolean
  /** The agreed estimate; `null`: none yet. */
  readonly accepted: string | null
}

/** Cards that cannot be an estimate: they ask for a break or for help, or abstain. */
const NO_ESTIMATES: ReadonlySet<string> = new Set(['coffee', '?', 'pass'])

/**
 * Evaluates a revealed round, in deck order.
 * @param before - the previous attempt, for how cards have moved
 */
export function outcomeOf(
  session: SessionView,
  round: RoundView,
  ownId: string | null,
  before: PastRoundView | null,
): Outcome {
  const { statistics, anonymous, attempt, accepted_estimate } = round
  const distribution: Readonly<Record<string, number>> = statistics?.distribution ?? {}
  const votesOf = (card: string) => distribution[card] ?? 0
  const cards = withOthers(cardsOf(session), Object.keys(distribution))
  const chosen = cards.filter((card) => votesOf(card) > 0)
  const numbers = chosen.filter((card) => worthOf(card) !== null)
  const [from, to] = [cards.indexOf(numbers[0] ?? ''), cards.indexOf(numbers.at(-1) ?? '')]
  const steps = cards.map((card, index) => ({
    card,
    votes: votesOf(card),
    people: choosersOf({ session, round, card, ownId, before }),
    isInRange: from >= 0 && index >= from && index <= to && from !== to,
    isLowest: index === from,
    isHighest: index === to,
    isEstimate: !NO_ESTIMATES.has(card),
  }))
  const votes = statistics?.total_votes ?? 0
  return {
    steps,
    votes,
    attempt,
    average: statistics?.average ?? null,
    median: statistics?.median ?? null,
    agreement: statistics?.agreement ?? null,
    agreementBefore: before?.statistics.agreement ?? null,
    modes: statistics?.mode ?? [],
    suggestion: statistics?.suggestion ?? null,
    consensus: chosen.length === 1 && votes > 1 ? (chosen[0] ?? null) : null,
    isAnonymous: anonymous,
    accepted: accepted_estimate,
  }
}

/** The proposed estimate; `null`: no card that a team could agree on was chosen. */
export function proposalOf({ accepted, suggestion, modes }: Outcome): string | null {
  return accepted ?? suggestion ?? modes[0] ?? null
}

/**
 * The people whose cards are furthest apart, who speak first; `null`: there is nothing to discuss, or there
 * are no names.
 */
export function firstToSpeak({ steps }: Outcome): { low: [string, Chooser]; high: [string, Chooser] } | null {
  const low = steps.find(({ isLowest }) => isLowest)
  const high = steps.find(({ isHighest }) => isHighest)
  const [lowest, highest] = [low?.people[0], high?.people[0]]
  if (low === undefined || high === undefined || low === high) return null
  if (lowest === undefined || highest === undefined) return null
  return { low: [low.card, lowest], high: [high.card, highest] }
}

/** The deck may have changed since the round: the cards chosen then are still shown. */
function withOthers(cards: readonly string[], chosen: readonly string[]): readonly string[] {
  const others = chosen.filter((card) => !cards.includes(card))
  return others.length === 0 ? cards : [...cards, ...others]
}

interface Choice {
  readonly session: SessionView
  readonly round: RoundView
  readonly card: string
  readonly ownId: string | null
  readonly before: PastRoundView | null
}

function choosersOf({ session, round, card, ownId, before }: Choice): Chooser[] {
  const order = new Map(session.participants.map(({ id }, index) => [String(id), index]))
  const place = (userId: string) => order.get(userId) ?? Number.POSITIVE_INFINITY
  const cardsBefore: Readonly<Record<string, { readonly value: string | null }>> = before?.votes ?? {}
  return Object.values(round.votes)
    .filter(({ value }) => value === card)
    .sort((one, other) => place(one.user_id) - place(other.user_id))
    .flatMap(({ user_id }) => {
      const user = personOf(session, user_id)
      const from = cardsBefore[user_id]?.value ?? null
      return user === null ? [] : [{ user, isMe: user_id === ownId, from: from === card ? null : from }]
    })
}
