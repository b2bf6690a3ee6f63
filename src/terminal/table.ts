import type { UserId } from '../../machines/ids.js'
import type { RoundView, StatisticsView } from '../wire/views.js'
import { columnsOf, type Paint } from './paint.js'

const BAR_WIDTH = 24

/** A participant's card: none yet, face down, or face up. */
export function cardOf(round: RoundView | null, userId: UserId, paint: Paint): string {
  const vote = round?.votes[userId]
  if (vote === undefined) return paint('dim', '[      ]')
  if (vote.value === null) return paint('yellow', '[######]')
  return paint('green', `[${vote.value.padStart(4).padEnd(6)}]`)
}

/**
 * One bar per card played, then the statistics.
 * @param deck - the cards in order; the bars are in the same order
 */
export function statisticsLines(statistics: StatisticsView, deck: readonly string[], paint: Paint): string[] {
  const { average, median, agreement, suggestion, consensus, total_votes, distribution } = statistics
  const bars = Object.entries(distribution)
    .sort(([one], [other]) => placeIn(deck, one) - placeIn(deck, other))
    .map(([card, count]) => {
      const length = Math.min(BAR_WIDTH, Math.ceil((BAR_WIDTH * count) / total_votes))
      return `${card.padStart(8)} ${paint('cyan', '█'.repeat(length))} ${count}`
    })
  const figures = [
    paint('bold', `average ${average ?? '–'}`),
    `median ${median ?? '–'}`,
    `agreement ${typeof agreement === 'number' ? `${Math.round(100 * agreement)} %` : '–'}`,
    ...(suggestion == null ? [] : [`suggests ${suggestion}`]),
    ...(consensus ? [paint('green', 'consensus!')] : []),
  ]
  return [...bars, '', figures.join('  ')]
}

function placeIn(deck: readonly string[], card: string): number {
  const place = deck.indexOf(card)
  return place < 0 ? deck.length : place
}

/** Cells in rows, each at least `width` terminal columns wide. */
export function inColumns(cells: readonly string[], { columns, width }: { columns: number; width: number }) {
  const lines: string[] = []
  for (let start = 0; start < cells.length; start += columns) {
    lines.push(
      cells
        .slice(start, start + columns)
        .map((cell) => cell + ' '.repeat(Math.max(0, width - columnsOf(cell))))
        .join('')
        .trimEnd(),
    )
  }
  return lines
}
