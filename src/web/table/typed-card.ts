/** Digits that follow one another within this long are one number. */
export const TYPING_MS = 600

/**
 * The card that keys have typed: `5` is 5, `1` and `3` quickly are 13, a letter is the card that begins
 * with it. Never a card by its place: the key 5 would then vote 8.
 */
export class TypedCard {
  #text = ''
  #at = Number.NEGATIVE_INFINITY

  /**
   * @param nowMs - on any clock that goes forward
   * @returns the card; `null`: the keys name none, or not yet
   */
  press(key: string, cards: readonly string[], nowMs: number): string | null {
    const isContinued = nowMs - this.#at < TYPING_MS
    const typed = key === '.' || key === ',' ? '½' : key.toLocaleLowerCase()
    const candidates = isContinued ? [this.#text + typed, typed] : [typed]
    for (const text of candidates) {
      if (!cards.some((card) => card.toLocaleLowerCase().startsWith(text))) continue
      this.#text = text
      this.#at = nowMs
      return exact(text, cards)
    }
    this.#text = ''
    return null
  }
}

/** The card that is typed whole; of words the first that begins so: `c` is coffee, `x` XS until an L follows. */
function exact(text: string, cards: readonly string[]): string | null {
  const whole = cards.find((card) => card.toLocaleLowerCase() === text)
  if (whole !== undefined || !/^\p{L}/u.test(text)) return whole ?? null
  return cards.find((card) => card.toLocaleLowerCase().startsWith(text)) ?? null
}
