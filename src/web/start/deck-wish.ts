import { DECK_NAMES, NAMED_DECKS, type SettingsWish } from '../../client/client.js'

/** The settings that give a table the same cards again: by the deck's name, where it has one. */
export function deckWish(cards: readonly string[]): SettingsWish {
  if (cards.length === 0) return {}
  const text = cards.join(' ')
  return { deck: DECK_NAMES.find((name) => NAMED_DECKS[name].join(' ') === text) ?? [...cards] }
}
