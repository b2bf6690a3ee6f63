/** Minor ticks between two cards, at most: more could not be told apart. */
const TICKS_MAX = 24

/** What a card's label is worth on the ruler; `null`: it is no number. */
export function worthOf(card: string): number | null {
  if (card === '½') return 0.5
  return /^\d+([.,]\d+)?$/.test(card) ? Number(card.replace(',', '.')) : null
}

/**
 * Where the minor ticks of a card's own stretch of the ruler stand, in percent of its width. Between
 * the middles of two cards there are as many as numbers lie between them, so that one sees why large
 * numbers are vague. Where those are too many, each tick stands for ten.
 */
export function ticksOf(cards: readonly string[], index: number): number[] {
  const before = between(cards[index - 1], cards[index])
  const after = between(cards[index], cards[index + 1])
  const onLeft = before.map((share) => (share - 0.5) * 100).filter((percent) => percent > 0)
  const onRight = after.map((share) => (share + 0.5) * 100).filter((percent) => percent <= 100)
  return [...onRight, ...onLeft].map((percent) => Math.round(percent * 100) / 100)
}

/** Where ticks stand between two cards' middles, as shares of the way. */
function between(from: string | undefined, to: string | undefined): number[] {
  const start = from === undefined ? null : worthOf(from)
  const end = to === undefined ? null : worthOf(to)
  if (start === null || end === null || end - start <= 1) return []
  const distance = end - start
  const unit = distance > TICKS_MAX ? 10 : 1
  const count = Math.ceil(distance / unit) - 1
  return Array.from({ length: count }, (_, index) => ((index + 1) * unit) / distance)
}
