/** The maximum number of minor ticks between two cards: more could not be distinguished. */
const TICKS_MAX = 24

/** The value of a card on the ruler; `null`: not a number. */
export function worthOf(card: string): number | null {
  if (card === '½') return 0.5
  return /^\d+([.,]\d+)?$/.test(card) ? Number(card.replace(',', '.')) : null
}

/**
 * The positions of the minor ticks in a card's own stretch of the ruler, in percent of its width. Between the
 * middles of two cards there are as many as there are numbers between them, which shows why large numbers are
 * vague. If those are too many, each tick stands for ten.
 */
export function ticksOf(cards: readonly string[], index: number): number[] {
  const before = between(cards[index - 1], cards[index])
  const after = between(cards[index], cards[index + 1])
  const onLeft = before.map((share) => (share - 0.5) * 100).filter((percent) => percent > 0)
  const onRight = after.map((share) => (share + 0.5) * 100).filter((percent) => percent <= 100)
  return [...onRight, ...onLeft].map((percent) => Math.round(percent * 100) / 100)
}

/** The positions of ticks between two cards' middles, as shares of the distance. */
function between(from: string | undefined, to: string | undefined): number[] {
  const start = from === undefined ? null : worthOf(from)
  const end = to === undefined ? null : worthOf(to)
  if (start === null || end === null || end - start <= 1) return []
  const distance = end - start
  const unit = distance > TICKS_MAX ? 10 : 1
  const count = Math.ceil(distance / unit) - 1
  return Array.from({ length: count }, (_, index) => ((index + 1) * unit) / distance)
}
