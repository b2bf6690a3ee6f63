import type { UserId } from '../../machines/ids.js'
import type { RoundView, SessionView, StatisticsView } from '../wire/views.js'

const BAR_WIDTH = 24
const ANSI = { bold: '1', dim: '2', green: '32', yellow: '33', cyan: '36' } as const

/** Puts a text into a colour, or leaves it as it is. */
export type Paint = (style: keyof typeof ANSI, text: string) => string

export const painted: Paint = (style, text) => `\u001b[${ANSI[style]}m${text}\u001b[0m`
export const plain: Paint = (_style, text) => text

/** What the demo knows of its table. */
export interface Table {
  readonly session: SessionView
  readonly story: string
  readonly round: number
  readonly rounds: number
  /** Streams that saw the newest event, and how long the slowest took, in milliseconds. */
  readonly delivery: { readonly streams: number; readonly slowestMs: number } | null
}

/** The table as lines of text: who has voted, the cards once they are turned, the statistics. */
export function tableLines({ session, story, round, rounds, delivery }: Table, paint: Paint): string[] {
  const { current_round, participants, status } = session
  const votes = Object.keys(current_round?.votes ?? {}).length
  return [
    `${paint('bold', session.name)}  round ${round} of ${rounds}: ${paint('cyan', story)}`,
    `${paint('dim', 'status')} ${status}  ${paint('dim', 'votes')} ${votes}/${participants.length}`,
    '',
    ...inColumns(
      participants.map(({ id, name }) => `${cardOf(current_round, id, paint)} ${name}`),
      4,
    ),
    '',
    ...(current_round?.statistics == null ? [] : statisticsLines(current_round.statistics, paint)),
    ...(delivery === null
      ? []
      : [
          paint(
            'dim',
            `seen by ${delivery.streams} streams, the last ${delivery.slowestMs.toFixed(1)} ms after the reveal`,
          ),
        ]),
  ]
}

function cardOf(round: RoundView | null, userId: UserId, paint: Paint): string {
  const vote = round?.votes[userId]
  if (vote === undefined) return paint('dim', '[      ]')
  if (vote.value === null) return paint('yellow', '[######]')
  return paint('green', `[${vote.value.padStart(4).padEnd(6)}]`)
}

function statisticsLines(statistics: StatisticsView, paint: Paint): string[] {
  const { average, consensus, total_votes, distribution } = statistics
  const bars = Object.entries(distribution).map(
    ([card, count]) =>
      `${card.padStart(8)} ${paint('cyan', '█'.repeat(Math.ceil((BAR_WIDTH * count) / total_votes)))} ${count}`,
  )
  return [
    ...bars,
    '',
    `${paint('bold', `average ${average ?? '–'}`)}${consensus ? paint('green', '  consensus!') : ''}`,
  ]
}

function inColumns(cells: readonly string[], columns: number): string[] {
  const width = 26
  const lines: string[] = []
  for (let start = 0; start < cells.length; start += columns) {
    lines.push(
      cells
        .slice(start, start + columns)
        .map((cell) => cell + ' '.repeat(Math.max(0, width - visibleLength(cell))))
        .join('')
        .trimEnd(),
    )
  }
  return lines
}

function visibleLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is taken out
  return text.replaceAll(/\u001b\[\d+m/g, '').length
}
