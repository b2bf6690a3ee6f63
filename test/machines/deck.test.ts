import { cardIdentity, isSize, numericValue } from '../../machines/card.js'
import {
  byDeck,
  countsForAgreement,
  DECK_NAMES,
  type Deck,
  hasCard,
  lookAlikes,
  namedDeck,
  numbersOf,
} from '../../machines/deck.js'

const OWN: Deck = { name: null, cards: ['XS', 'big', '☕', 'toString'] }

describe('a card that reads as a number counts as one', () => {
  test.each([
    ['0', 0],
    ['21', 21],
    ['½', 0.5],
    ['1½', 1.5],
    ['⅓', 1 / 3],
    ['1/2', 0.5],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['0,5', 0.5],
    ['５', 5],
    ['-1', -1],
    ['−1', -1],
    ['99999999', 99_999_999],
    ['.0000001', 0.000_000_1],
    ['0.1234567', 0.123_456_7],
    [' 5 ', 5],
    ['-.5', -0.5],
    ['-0,25', -0.25],
    ['1,5', 1.5],
    ['12,75', 12.75],
    ['12½', 12.5],
    ['１½', 1.5],
    [' 1½ ', 1.5],
    ['¾', 0.75],
    ['3⁄4', 0.75],
    ['100/8', 12.5],
    ['999/126', 999 / 126],
    ['0/5', 0],
    ['↉', 0],
  ])('%s is %d', (card, number) => {
    expect(numericValue(card)).toBeCloseTo(number, 12)
  })

  test.each([
    'coffee',
    '?',
    'pass',
    'XS',
    '1e3',
    '0x10',
    'Infinity',
    'NaN',
    '1,000',
    '1/0',
    '5.',
    '.',
    '-',
    '',
    ' ',
    '∞',
    '☕',
    '1 2',
    '--1',
    '0.12345678',
    '1,234',
    '1/11',
    '1/1000',
    '1000/1',
    '/2',
    '1/',
    '-1/2',
    '1 1/2',
    '½½',
    '½1',
    '1 ½',
    '1⁄2½',
    'a½',
    '-½',
    '1.5x',
    'x1.5',
    'x1/2',
    '1/2x',
    '5,',
    '1.2.3',
    '+1',
  ])('%s is no number', (card) => {
    expect(numericValue(card)).toBeNull()
  })
})

describe('decks', () => {
  test('the named decks are the contract’s, and no card in them looks like another', () => {
    const decks = DECK_NAMES.map(namedDeck)
    expect(decks.map(({ cards }) => cards.join(' '))).toEqual([
      '1 2 3 5 8 13 21 coffee',
      '0 1 2 3 5 8 13 21 34 55 89 ? coffee',
      '0 ½ 1 2 3 5 8 13 20 40 100 ? coffee',
      'XS S M L XL XXL ? coffee',
      '0 1 2 4 8 16 32 64 ? coffee',
    ])
    expect(decks.map(({ cards }) => lookAlikes(cards))).toEqual(decks.map(() => []))
  })

  test.each([
    [['5', '５'], [1]],
    [
      ['xs', 'XS', 'Xs'],
      [1, 2],
    ],
    [['½', '1⁄2'], [1]],
    [['ß', 'SS'], [1]],
    [['5', '6'], []],
    [['½', '0.5'], []],
  ])('in %j the cards at %j look like an earlier one', (cards, places) => {
    expect(lookAlikes(cards)).toEqual(places)
  })

  test('a card is in a deck only as written there', () => {
    expect(hasCard(namedDeck('magnapp'), '5')).toBe(true)
    for (const card of ['５', '4', '', 'Coffee', 'constructor']) {
      expect(hasCard(namedDeck('magnapp'), card)).toBe(false)
    }
    expect(hasCard(OWN, 'toString')).toBe(true)
  })

  test('cards are sorted by their position in the deck, unknown ones last', () => {
    expect(byDeck(namedDeck('tshirt'), ['coffee', 'XL', '42', 'S'])).toEqual(['S', 'XL', 'coffee', '42'])
  })

  test('agreement looks at numbers, or in a deck without any, at cards that stand for a size', () => {
    expect(['1', '21', 'coffee'].map((card) => countsForAgreement(namedDeck('magnapp'), card))).toEqual([
      true,
      true,
      false,
    ])
    const texts: Deck = { name: null, cards: ['small', 'Pass', '?', 'COFFEE'] }
    expect(texts.cards.map((card) => countsForAgreement(texts, card))).toEqual([true, false, false, false])
  })

  test('a card stands for a size unless it means something else, however it is written', () => {
    const cards = ['coffee', 'COFFEE', '?', '？', 'pass', 'Pass', '5', 'XL', 'passed', '??']
    expect(cards.map(isSize)).toEqual([false, false, false, false, false, false, true, true, true, true])
  })

  test.each(['7', '21', '8191', '65537', '99999999', '-99999999', '0.5', '0.25'])(
    '%s is worth exactly that',
    (card) => {
      expect(numericValue(card)).toBe(Number(card))
    },
  )

  test('a card’s worth is the same every time', () => {
    for (const _again of [1, 2]) {
      expect(['½', 'XS', '21'].map(numericValue)).toEqual([0.5, null, 21])
      expect(numbersOf(OWN)).toEqual([])
      expect(numbersOf(namedDeck('modified_fibonacci')).map(({ card }) => card)).toEqual([
        '0',
        '½',
        '1',
        '2',
        '3',
        '5',
        '8',
        '13',
        '20',
        '40',
        '100',
      ])
    }
  })

  test('cards that look the same to a person have one identity', () => {
    expect(cardIdentity('５')).toBe(cardIdentity('5'))
    expect(cardIdentity('ﬁ')).toBe(cardIdentity('FI'))
    expect(cardIdentity('ς')).toBe(cardIdentity('Σ'))
  })
})
