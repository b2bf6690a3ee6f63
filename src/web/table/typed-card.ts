/** Digits typed within this time form one number. */
export const TYPING_MS = 600

/** A card chosen by typing. */
export interface Typed {
  readonly card: string
  /** Further keys may turn it into another card: `1` into 13. */
  readonly isOpen: boolean
}

/**
 * The card selected by typing: `5` is 5, `1` and `3` in quick succession are 13, a letter is the card that
 * begins with it. Never a card by position: the key 5 would then vote 8.
 */
export class TypedCard {
  #text = ''
  #at = Number.NEGATIVE_INFINITY

  /**
   * @param nowMs - on any monotonic clock
   * @returns the card; `null`: the keys match none, or not yet
   */
  press(key: string, cards: readonly string[], nowMs: number): Typed | null {
    const isContinued = nowMs - this.#at < TYPING_MS
    const typed = key === '.' || key === ',' ? '½' : key.toLocaleLowerCase()
    const candidates = isContinued ? [this.#text + typed, typed] : [typed]
    for (const text of candidates) {
      const begun = cards.filter((card) => card.toLocaleLowerCase().startsWith(text))
      if (begun.length === 0) continue
      this.#text = text
      this.#at = nowMs
      const card = exact(text, begun)
      return card === null ? null : { card, isOpen: begun.length > 1 }
    }
    this.#text = ''
    return null
  }
}

/**
 * The card that matches completely; for words the first one that begins so: `c` is coffee, `x` is XS until an
 * L follows.
 * @param begun - the cards that begin with the text
 */
function exact(text: string, begun: readonly string[]): string | null {
  const whole = begun.find((card) => card.toLocaleLowerCase() === text)
  if (whole !== undefined || !/^\p{L}/u.test(text)) return whole ?? null
  return begun[0] ?? null
}
