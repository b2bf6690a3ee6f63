import { type Card, cardIdentity, points, UNITS_PER_POINT, type Units, unitsOf } from '../card.js'
import { byDeck, countsForAgreement, DEFAULT_DECK, type Deck, numbersOf } from '../deck.js'

export interface Statistics {
  /** Mean of the numeric votes, rounded to 2 decimals, half away from zero; `null` without any. */
  readonly average: number | null
  /** The middle numeric vote, or the mean of the two in the middle; `null` without any. */
  readonly median: number | null
  /** The cards cast most often, in the order of the deck; only numeric ones if the deck has any. */
  readonly mode: readonly Card[]
  readonly min: number | null
  readonly max: number | null
  /** Share of the votes on the most common value, 0–1, among those that {@link mode} counts; `null` without any. */
  readonly agreement: number | null
  /** The deck's numeric card nearest the mean, the higher one in a tie; `null` without a numeric vote. */
  readonly suggestion: Card | null
  /** How often each value was cast, by card. */
  readonly distribution: Readonly<Record<Card, number>>
  /** All votes that {@link mode} counts are equal, and there is at least one. */
  readonly consensus: boolean
  readonly coffeeVotes: number
  readonly totalVotes: number
}

/**
 * The statistics of a table's votes (contract sections 5 and 9, `VotingStatistics`). Sums are exact, whatever
 * the cards, and the order of the votes makes no difference.
 */
export function statisticsOf(cards: readonly Card[], deck: Deck = DEFAULT_DECK): Statistics {
  const numbers = cards.map(unitsOf).filter((units) => units !== null)
  numbers.sort((one, other) => Number(one - other))
  const total = numbers.reduce((sum, units) => sum + units, 0n)
  const [lowest] = numbers
  const highest = numbers.at(-1)
  return {
    average: lowest === undefined ? null : roundedToCents(total, numbers.length),
    median: lowest === undefined ? null : medianOf(numbers),
    ...commonest(cards, deck),
    min: lowest === undefined ? null : points(lowest),
    max: highest === undefined ? null : points(highest),
    suggestion: nearest(deck, total, numbers.length),
    distribution: distributionOf(cards, deck),
    coffeeVotes: cards.filter((card) => cardIdentity(card) === 'coffee').length,
    totalVotes: cards.length,
  }
}

/** A card may be called `toString`, so nothing is counted in a plain object. */
function distributionOf(cards: readonly Card[], deck: Deck): Record<Card, number> {
  const counts = new Map<Card, number>()
  for (const card of cards) counts.set(card, (counts.get(card) ?? 0) + 1)
  return Object.fromEntries(byDeck(deck, counts.keys()).map((card) => [card, counts.get(card) ?? 0]))
}

/** Votes of the same value count together, whether on `½` or on `0.5`. */
function commonest(cards: readonly Card[], deck: Deck): Pick<Statistics, 'mode' | 'agreement' | 'consensus'> {
  const counted = cards.filter((card) => countsForAgreement(deck, card))
  const byValue = new Map<Units | Card, Card[]>()
  for (const card of counted) {
    const value = unitsOf(card) ?? card
    byValue.set(value, [...(byValue.get(value) ?? []), card])
  }
  const groups = [...byValue.values()]
  const most = Math.max(0, ...groups.map((group) => group.length))
  const commonCards = groups.filter((group) => group.length === most).flat()
  return {
    mode: byDeck(deck, new Set(commonCards)),
    agreement: counted.length === 0 ? null : most / counted.length,
    consensus: groups.length === 1,
  }
}

/** The median of one or more values. */
function medianOf(sorted: readonly Units[]): number {
  const low = sorted[(sorted.length - 1) >> 1] ?? 0n
  const high = sorted[sorted.length >> 1] ?? 0n
  return points((low + high) / 2n)
}

/** Compares `count` times the distances, so that no mean has to be rounded. */
function nearest(deck: Deck, total: Units, count: number): Card | null {
  const [first, ...others] = numbersOf(deck)
  if (count === 0 || first === undefined) return null
  const distance = (units: Units) => magnitude(units * BigInt(count) - total)
  const nearest = others.reduce((best, candidate) => {
    const isNearer = distance(candidate.units) < distance(best.units)
    const isAsNear = distance(candidate.units) === distance(best.units)
    return isNearer || (isAsNear && candidate.units > best.units) ? candidate : best
  }, first)
  return nearest.card
}

function roundedToCents(total: Units, count: number): number {
  const divisor = BigInt(count) * UNITS_PER_POINT
  const cents = (magnitude(total) * 200n + divisor) / (2n * divisor)
  // Stryker disable next-line EqualityOperator: there is but one zero among whole numbers
  return Number(total < 0n ? -cents : cents) / 100
}

function magnitude(units: Units): Units {
  // Stryker disable next-line EqualityOperator: there is but one zero among whole numbers
  return units < 0n ? -units : units
}
