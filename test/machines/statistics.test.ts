import fc from 'fast-check'
import { DECK_NAMES, type Deck, namedDeck } from '../../machines/deck.js'
import { statisticsOf } from '../../machines/session/statistics.js'
import { propertyRuns } from '../support/property-runs.js'

/*
 * The same figures, computed differently: votes as fractions of two whole numbers, sorted lists,
 * no shared code. `coffee`, `?` and `pass` in capitals too, since a team may write them that way.
 */

type Fraction = readonly [above: bigint, below: bigint]

const SHIRTS = ['XS', 'S', 'M', 'L', 'XL', 'XXL']
const WORDS = [...SHIRTS, 'coffee', '?', 'pass', 'COFFEE', 'Pass', 'big', 'toString', 'valueOf', '☕', 'n/a']
const VULGAR: Readonly<Record<string, Fraction>> = {
  '½': [1n, 2n],
  '⅓': [1n, 3n],
  '¾': [3n, 4n],
  '1½': [3n, 2n],
}

function fractionOf(card: string): Fraction | null {
  if (WORDS.includes(card)) return null
  const vulgar = VULGAR[card]
  if (vulgar !== undefined) return vulgar
  const [whole = '', decimals = ''] = card.split('.')
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length)]
}

const compare = ([a, b]: Fraction, [c, d]: Fraction) => (a * d < c * b ? -1 : a * d > c * b ? 1 : 0)
const add = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * d + c * b, b * d]
const distance = (one: Fraction, [c, d]: Fraction): Fraction => {
  const [above, below] = add(one, [-c, d])
  return [above < 0n ? -above : above, below]
}
const close = ([above, below]: Fraction) => Number((above * 10n ** 12n) / below) / 1e12

function reference(votes: readonly string[], deck: Deck) {
  const numbers = votes.map(fractionOf).filter((one) => one !== null)
  numbers.sort(compare)
  const isNumericDeck = deck.cards.some((card) => fractionOf(card) !== null)
  const counted = votes.filter((card) =>
    isNumericDeck ? fractionOf(card) !== null : !['coffee', '?', 'pass'].includes(card.toLowerCase()),
  )
  const isSame = (one: string, other: string) => {
    const [a, b] = [fractionOf(one), fractionOf(other)]
    return a !== null && b !== null ? compare(a, b) === 0 : one === other
  }
  const support = (card: string) => counted.filter((other) => isSame(card, other)).length
  const most = Math.max(0, ...counted.map(support))
  const total = numbers.reduce(add, [0n, 1n] as Fraction)
  const mean: Fraction = [total[0], total[1] * BigInt(numbers.length || 1)]
  const ranked = deck.cards
    .filter((card) => fractionOf(card) !== null)
    .sort((one, other) => {
      const [a, b] = [fractionOf(one) as Fraction, fractionOf(other) as Fraction]
      return compare(distance(a, mean), distance(b, mean)) || compare(b, a)
    })
  const middle = [numbers[Math.ceil(numbers.length / 2) - 1], numbers[Math.floor(numbers.length / 2)]]
  const hasNumbers = numbers.length > 0
  return {
    average: hasNumbers ? Number((mean[0] * 200n + mean[1]) / (mean[1] * 2n)) / 100 : null,
    median: hasNumbers ? (close(middle[0] as Fraction) + close(middle[1] as Fraction)) / 2 : null,
    min: hasNumbers ? close(numbers[0] as Fraction) : null,
    max: hasNumbers ? close(numbers.at(-1) as Fraction) : null,
    agreement: counted.length === 0 ? null : most / counted.length,
    consensus: counted.length > 0 && most === counted.length,
    mode: deck.cards.filter((card) => counted.includes(card) && support(card) === most),
    suggestion: hasNumbers ? (ranked[0] ?? null) : null,
    coffeeVotes: votes.filter((card) => card.toLowerCase() === 'coffee').length,
    totalVotes: votes.length,
  }
}

const number = fc.oneof(
  fc.nat(120).map(String),
  fc.constantFrom(...Object.keys(VULGAR)),
  fc.tuple(fc.nat(99), fc.nat(999)).map(([whole, decimals]) => `${whole}.${decimals}`),
)
const word = fc.constantFrom(...WORDS)
const own = fc
  .oneof(
    fc.uniqueArray(fc.oneof(number, word), { minLength: 2, maxLength: 24 }),
    fc.uniqueArray(word, { minLength: 2, maxLength: 8 }),
  )
  .map((cards): Deck => ({ name: null, cards }))
const anyDeck = fc.oneof(own, fc.constantFrom(...DECK_NAMES).map(namedDeck))
const anyRound = anyDeck.chain((deck) =>
  fc.tuple(fc.constant(deck), fc.array(fc.constantFrom(...deck.cards), { maxLength: 16 })),
)

test('statistics equal an independent computation, on thousands of rounds and decks', () => {
  fc.assert(
    fc.property(anyRound, ([deck, votes]) => {
      const { distribution, median, min, max, ...exact } = statisticsOf(votes, deck)
      const expected = reference(votes, deck)
      const { median: mid, min: low, max: high, ...rest } = expected
      expect(exact).toEqual(rest)
      for (const [one, other] of [
        [median, mid],
        [min, low],
        [max, high],
      ] as const) {
        if (other === null) expect(one).toBeNull()
        else expect(one).toBeCloseTo(other, 9)
      }
      expect(new Map(Object.entries(distribution))).toEqual(
        new Map(votes.map((card) => [card, votes.filter((other) => other === card).length])),
      )
    }),
    { numRuns: propertyRuns(5_000) },
  )
})

test('the order of the votes does not change a single byte', () => {
  fc.assert(
    fc.property(anyRound, fc.infiniteStream(fc.nat()), ([deck, votes], numbers) => {
      const shuffled = votes
        .map((card) => ({ card, key: numbers.next().value }))
        .sort((one, other) => one.key - other.key)
        .map(({ card }) => card)
      expect(JSON.stringify(statisticsOf(shuffled, deck))).toBe(JSON.stringify(statisticsOf(votes, deck)))
    }),
    { numRuns: propertyRuns(1_000) },
  )
})

describe('by hand', () => {
  test.each([
    ['rounds a half up, as a person does', ['1.27', '1.28'], { average: 1.28 }],
    [
      'rounds a half away from zero, below it too',
      ['-1.27', '-1.28'],
      { average: -1.28, min: -1.28, max: -1.27 },
    ],
    [
      'suggests the nearest card, above or below zero',
      ['-1.27', '0.1'],
      { average: -0.59, suggestion: '0.1' },
    ],
    ['is exact where floating point is not', ['0.1', '0.2', '0.3'], { average: 0.2, suggestion: '0.2' }],
    ['takes the higher of two cards that are equally near', ['1', '3'], { average: 2, suggestion: '3' }],
    ['counts ½ as a half', ['½', '1'], { average: 0.75, median: 0.75, min: 0.5, suggestion: '1' }],
    [
      'says nothing about coffee',
      ['coffee', 'coffee'],
      { average: null, mode: [], agreement: null, suggestion: null, coffeeVotes: 2 },
    ],
    [
      'gives agreement as a share',
      ['5', '5', '8', 'coffee'],
      { mode: ['5'], agreement: 2 / 3, consensus: false },
    ],
    [
      'names every mode, in the order of the deck',
      ['8', '5', '3'],
      { mode: ['3', '5', '8'], agreement: 1 / 3 },
    ],
    ['has a consensus despite a coffee', ['5', '5', 'coffee'], { consensus: true, agreement: 1 }],
    [
      'is empty without votes',
      [],
      {
        average: null,
        median: null,
        min: null,
        max: null,
        mode: [],
        agreement: null,
        suggestion: null,
        consensus: false,
        totalVotes: 0,
      },
    ],
  ])('it %s', (_what, votes, expected) => {
    const deck: Deck = {
      name: null,
      cards: ['1.27', '1.28', '0.1', '0.2', '0.3', '½', '1', '3', '5', '8', 'coffee'],
    }
    const cards =
      'suggestion' in expected && expected.suggestion === '3' ? { ...deck, cards: ['1', '3'] } : deck
    expect(statisticsOf(votes, cards)).toMatchObject(expected)
  })

  test('in a deck without numbers, all cards count for agreement except coffee, ? and pass', () => {
    const tshirt = namedDeck('tshirt')
    expect(statisticsOf(['M', 'M', 'coffee', '?'], tshirt)).toMatchObject({
      average: null,
      consensus: true,
      agreement: 1,
      mode: ['M'],
      suggestion: null,
    })
    expect(statisticsOf(['M', 'S'], tshirt)).toMatchObject({
      consensus: false,
      agreement: 0.5,
      mode: ['S', 'M'],
    })
    expect(statisticsOf(['?', 'coffee'], tshirt)).toMatchObject({
      consensus: false,
      agreement: null,
      mode: [],
    })
  })

  test('nothing is suggested in a deck without numbers, and the first of two cards of equal worth', () => {
    expect(statisticsOf(['5'], namedDeck('tshirt'))).toMatchObject({ average: 5, suggestion: null })
    const halves: Deck = { name: null, cards: ['8', '½', '0.5'] }
    expect(statisticsOf(['0.5', '0.5'], halves)).toMatchObject({ suggestion: '½', consensus: true })
  })

  test('in a deck with numbers, a card without one counts only for the distribution', () => {
    const deck: Deck = { name: null, cards: ['1', 'big'] }
    expect(statisticsOf(['big', 'big', '1'], deck)).toMatchObject({
      consensus: true,
      agreement: 1,
      mode: ['1'],
      distribution: { 1: 1, big: 2 },
    })
  })
})
