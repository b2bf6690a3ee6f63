/** The cards of the fixed deck, in the order in which a hand shows them. */
export const DECK = ['1', '2', '3', '5', '8', '13', '21', 'coffee'] as const

/** One card of the deck; `coffee` asks for a break and is no number. */
export type Card = (typeof DECK)[number]

/** The number that a card stands for, or `null` for `coffee`. */
export function numericValue(card: Card): number | null {
  return card === 'coffee' ? null : Number(card)
}
