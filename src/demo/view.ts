import type { Paint } from '../terminal/paint.js'
import { cardOf, inColumns, statisticsLines } from '../terminal/table.js'
import type { SessionView } from '../wire/views.js'

const COLUMNS = { columns: 4, width: 26 }

/** What the demo knows about its table. */
export interface Table {
  readonly session: SessionView
  readonly round: number
  readonly rounds: number
  /** How many streams received the latest event, and how long the slowest took, in milliseconds. */
  readonly delivery: { readonly streams: number; readonly slowestMs: number } | null
}

/** The table as lines of text: who has voted, the cards once revealed, the statistics. */
export function tableLines({ session, round, rounds, delivery }: Table, paint: Paint): string[] {
  const { current_round, participants, status, settings } = session
  const voters = participants.filter(({ role }) => role === 'voter').length
  const votes = Object.keys(current_round?.votes ?? {}).length
  return [
    `${paint('bold', session.name)}  round ${round} of ${rounds}: ${paint('cyan', current_round?.story?.title ?? '')}`,
    `${paint('dim', 'status')} ${status}  ${paint('dim', 'votes')} ${votes}/${voters}`,
    '',
    ...inColumns(
      participants.map(({ id, name, role }) => {
        const part = role === 'observer' ? paint('dim', ' observes') : ''
        return `${cardOf(current_round, id, paint)} ${name}${part}`
      }),
      COLUMNS,
    ),
    '',
    ...(current_round?.statistics == null
      ? []
      : statisticsLines(current_round.statistics, settings.deck.cards, paint)),
    ...(current_round?.accepted_estimate == null
      ? []
      : [paint('green', `agreed on ${current_round.accepted_estimate}`)]),
    ...(delivery === null
      ? []
      : [
          paint(
            'dim',
            `seen by ${delivery.streams} streams, the last ${delivery.slowestMs.toFixed(1)} ms after the last card`,
          ),
        ]),
  ]
}
