import { type Card, cardIdentity, isSize, type Units, unitsOf } from './card.js'

export interface Deck {
  /** `null`: a custom deck. */
  readonly name: DeckName | null
  /** In display order. */
  readonly cards: readonly Card[]
}

/** The names of the predefined decks. */
export const DECK_NAMES = ['magnapp', 'fibonacci', 'modified_fibonacci', 'tshirt', 'powers_of_two'] as const

export type DeckName = (typeof DECK_NAMES)[number]

/** The cards of the named decks (contract section 9). */
export const NAMED_DECKS = {
  magnapp: ['1', '2', '3', '5', '8', '13', '21', 'coffee'],
  fibonacci: ['0', '1', '2', '3', '5', '8', '13', '21', '34', '55', '89', '?', 'coffee'],
  modified_fibonacci: ['0', '½', '1', '2', '3', '5', '8', '13', '20', '40', '100', '?', 'coffee'],
  tshirt: ['XS', 'S', 'M', 'L', 'XL', 'XXL', '?', 'coffee'],
  powers_of_two: ['0', '1', '2', '4', '8', '16', '32', '64', '?', 'coffee'],
} as const satisfies Record<DeckName, readonly Card[]>

/** The smallest and largest number of cards in a custom deck. */
export const DECK_CARDS_MIN = 2
export const DECK_CARDS_MAX = 24

/** Characters in a card, as a person counts them. */
export const CARD_LENGTH_MAX = 8

/** The named deck; the same object every time. */
export function namedDeck(name: DeckName): Deck {
  return DECKS[name]
}

const DECKS: Readonly<Record<DeckName, Deck>> = {
  magnapp: { name: 'magnapp', cards: NAMED_DECKS.magnapp },
  fibonacci: { name: 'fibonacci', cards: NAMED_DECKS.fibonacci },
  modified_fibonacci: { name: 'modified_fibonacci', cards: NAMED_DECKS.modified_fibonacci },
  tshirt: { name: 'tshirt', cards: NAMED_DECKS.tshirt },
  powers_of_two: { name: 'powers_of_two', cards: NAMED_DECKS.powers_of_two },
}

/** The deck of a session that asks for no other. */
export const DEFAULT_DECK = namedDeck('magnapp')

/** The cards of the default deck. */
export const DECK = NAMED_DECKS.magnapp

/** Whether this very card is in the deck; `５` is not `5`. */
export function hasCard(deck: Deck, card: Card): boolean {
  return deck.cards.includes(card)
}

/** The indexes of cards that repeat, or look like, an earlier one. */
export function lookAlikes(cards: readonly Card[]): number[] {
  const seen = new Set<string>()
  return cards.flatMap((card, place) => {
    const identity = cardIdentity(card)
    if (seen.has(identity)) return [place]
    seen.add(identity)
    return []
  })
}

/** The values of the deck's cards in deck order, without non-numeric ones. */
export function numbersOf(deck: Deck): readonly { readonly card: Card; readonly units: Units }[] {
  const known = NUMBERS.get(deck)
  // Stryker disable next-line ConditionalExpression: what is kept changes no answer
  if (known !== undefined) return known
  const numbers = deck.cards.flatMap((card) => {
    const units = unitsOf(card)
    return units === null ? [] : [{ card, units }]
  })
  NUMBERS.set(deck, numbers)
  return numbers
}

const NUMBERS = new WeakMap<Deck, readonly { readonly card: Card; readonly units: Units }[]>()

/**
 * Whether a card counts for agreement and consensus: the numbers or, in a deck without any, all cards that
 * mean a size.
 */
export function countsForAgreement(deck: Deck, card: Card): boolean {
  return numbersOf(deck).length === 0 ? isSize(card) : unitsOf(card) !== null
}

/** Cards in the order of the deck; those that are not in it come last. */
export function byDeck(deck: Deck, cards: Iterable<Card>): Card[] {
  const place = (card: Card) => {
    const at = deck.cards.indexOf(card)
    return at < 0 ? deck.cards.length : at
  }
  return [...cards].sort((one, other) => place(one) - place(other))
}
