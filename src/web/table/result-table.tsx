import { cardName } from '../parts/card-face.js'
import { useLater } from '../parts/use-later.js'
import { numeral, say } from '../words/say.js'
import type { Chooser, Step } from './outcome.js'

/** The drawing comes first; the screen reader's table can follow. */
const TABLE_MS = 100

/** The result as a table, for people who cannot see the drawing. */
export function ResultTable({ steps }: { readonly steps: readonly Step[] }) {
  if (!useLater(TABLE_MS)) return null
  return (
    <div class="vh">
      <table>
        <caption>{say('whoChoseWhat')}</caption>
        <thead>
          <tr>
            <th scope="col">{say('card')}</th>
            <th scope="col">{say('votes')}</th>
            <th scope="col">{say('people')}</th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ card, votes, people }) => (
            <tr key={card}>
              <th scope="row">{cardName(card)}</th>
              <td>{numeral(votes)}</td>
              <td>
                {people.length > 0 ? people.map(wordsFor).join(', ') : votes === 0 ? say('nobody') : ''}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function wordsFor({ user, from }: Chooser): string {
  return from === null ? user.name : `${user.name} (${say('fromCard', { card: cardName(from) })})`
}
