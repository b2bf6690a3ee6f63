import type { RoundView, SessionView, UserView } from '../../client/client.js'
import { worthOf } from '../parts/ruler.js'
import { cardsOf, personOf } from './view.js'

/** A card of the deck, and who chose it. */
export interface Step {
  readonly card: string
  readonly votes: number
  /** In the order of joining; empty where votes have no names. */
  readonly people: readonly Chooser[]
  /** Within the range of the numbers chosen, and whether it is an end of it. */
  readonly isInRange: boolean
  readonly isLowest: boolean
  readonly isHighest: boolean
}

export interface Chooser {
  readonly user: UserView
  readonly isMe: boolean
}

/** What a revealed round says. */
export interface Outcome {
  readonly steps: readonly Step[]
  readonly votes: number
  readonly average: number | null
  readonly median: number | null
  /** Share of the number cards on the most common one, 0 to 1. */
  readonly agreement: number | null
  /** The cards that most chose, in the deck's order. */
  readonly modes: readonly string[]
  /** The deck's number nearest the mean. */
  readonly suggestion: string | null
  /** All chose this card, and there were at least two. */
  readonly consensus: string | null
}

/** Reads a revealed round, in the order of the deck. */
export function outcomeOf(session: SessionView, round: RoundView, ownId: string | null): Outcome {
  const cards = cardsOf(session)
  const distribution: Readonly<Record<string, number>> = round.statistics?.distribution ?? {}
  const chosen = cards.filter((card) => (distribution[card] ?? 0) > 0)
  const numbers = chosen.filter((card) => worthOf(card) !== null)
  const [lowest, highest] = [numbers[0], numbers.at(-1)]
  const from = lowest === undefined ? -1 : cards.indexOf(lowest)
  const to = highest === undefined ? -1 : cards.indexOf(highest)
  const steps = cards.map((card, index) => ({
    card,
    votes: distribution[card] ?? 0,
    people: choosersOf(session, round, card, ownId),
    isInRange: from >= 0 && index >= from && index <= to && from !== to,
    isLowest: card === lowest,
    isHighest: card === highest,
  }))
  const votes = round.statistics?.total_votes ?? 0
  return {
    steps,
    votes,
    ...figuresOf(cards, distribution, round.statistics?.average ?? null),
    consensus: chosen.length === 1 && votes > 1 ? (chosen[0] ?? null) : null,
  }
}

/** Those whose cards lie farthest apart, who speak first; `null`: there is nothing to speak about, or no names. */
export function firstToSpeak({ steps }: Outcome): { low: [string, Chooser]; high: [string, Chooser] } | null {
  const low = steps.find(({ isLowest }) => isLowest)
  const high = steps.find(({ isHighest }) => isHighest)
  const [lowest, highest] = [low?.people[0], high?.people[0]]
  if (low === undefined || high === undefined || low === high) return null
  if (lowest === undefined || highest === undefined) return null
  return { low: [low.card, lowest], high: [high.card, highest] }
}

function choosersOf(
  session: SessionView,
  { votes }: RoundView,
  card: string,
  ownId: string | null,
): Chooser[] {
  const order = new Map(session.participants.map(({ id }, index) => [String(id), index]))
  return Object.values(votes)
    .filter(({ value }) => value === card)
    .sort((one, other) => (order.get(one.user_id) ?? Infinity) - (order.get(other.user_id) ?? Infinity))
    .flatMap(({ user_id }) => {
      const user = personOf(session, user_id)
      return user === null ? [] : [{ user, isMe: user_id === ownId }]
    })
}

function figuresOf(
  cards: readonly string[],
  distribution: Readonly<Record<string, number>>,
  average: number | null,
): Pick<Outcome, 'average' | 'median' | 'agreement' | 'modes' | 'suggestion'> {
  const numbered = cards.some((card) => worthOf(card) !== null)
  const counted = cards.filter((card) =>
    numbered ? worthOf(card) !== null : !['coffee', '?', 'pass'].includes(card),
  )
  const votesOf = (card: string) => distribution[card] ?? 0
  const most = Math.max(0, ...counted.map(votesOf))
  const total = counted.reduce((sum, card) => sum + votesOf(card), 0)
  const worths = counted.flatMap((card) => Array<number>(votesOf(card)).fill(worthOf(card) ?? 0))
  worths.sort((one, other) => one - other)
  return {
    average,
    median: numbered ? middleOf(worths) : null,
    agreement: total === 0 ? null : most / total,
    modes: most === 0 ? [] : counted.filter((card) => votesOf(card) === most),
    suggestion: average === null ? null : nearest(counted, average),
  }
}

function middleOf(sorted: readonly number[]): number | null {
  const low = sorted[Math.floor((sorted.length - 1) / 2)]
  const high = sorted[Math.floor(sorted.length / 2)]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

/** Of two that are as near, the higher. */
function nearest(cards: readonly string[], mean: number): string | null {
  const distance = (card: string) => Math.abs((worthOf(card) ?? Infinity) - mean)
  return cards.reduce<string | null>(
    (best, card) => (best === null || distance(card) <= distance(best) ? card : best),
    null,
  )
}
