import { type Card, numericValue } from '../deck.js'

export interface Statistics {
  /** Mean of the numeric votes, rounded to 2 decimals; `null` without any. */
  readonly average: number | null
  /** How often each value was cast, by card, in the order of the first casts. */
  readonly distribution: Readonly<Partial<Record<Card, number>>>
  /** There is a numeric vote, and all numeric votes are equal. */
  readonly consensus: boolean
  readonly coffeeVotes: number
  readonly totalVotes: number
}

/** What a table's votes add up to (contract section 5, `VotingStatistics`). */
export function statisticsOf(cards: readonly Card[]): Statistics {
  const distribution: Partial<Record<Card, number>> = {}
  const numbers: number[] = []
  for (const value of cards) {
    distribution[value] = (distribution[value] ?? 0) + 1
    const number = numericValue(value)
    if (number !== null) numbers.push(number)
  }
  return {
    average: numbers.length === 0 ? null : roundToCents(sum(numbers) / numbers.length),
    distribution,
    consensus: numbers.length > 0 && numbers.every((number) => number === numbers[0]),
    coffeeVotes: distribution.coffee ?? 0,
    totalVotes: cards.length,
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function roundToCents(number: number): number {
  return Math.round(number * 100) / 100
}
