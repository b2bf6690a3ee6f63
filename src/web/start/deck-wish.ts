import { DECK_NAMES, NAMED_DECKS, type SettingsWish } from '../../client/client.js'

/** The name of a deck with these cards; `null`: none. */
export function nameOf(cards: readonly string[]): (typeof DECK_NAMES)[number] | null {
  const text = cards.join(' ')
  return DECK_NAMES.find((name) => NAMED_DECKS[name].join(' ') === text) ?? null
}

/** The settings that give a table these cards: by the deck's name, if it has one. */
export function deckWish(cards: readonly string[]): SettingsWish {
  return cards.length === 0 ? {} : { deck: nameOf(cards) ?? [...cards] }
}
