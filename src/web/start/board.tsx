import type { SessionSummaryView } from '../../client/client.js'
import { Figure } from '../parts/figure.js'
import { figureOfName } from '../parts/figure-of.js'
import { Icon } from '../parts/icon.js'
import type { WordKey } from '../words/catalogue.js'
import { numeral, Say, say } from '../words/say.js'
import type { Tables } from './tables.js'

const STATUSES: Readonly<Record<string, WordKey>> = {
  waiting: 'statusWaiting',
  voting: 'statusVoting',
  revealing: 'statusRevealed',
  results: 'statusRevealed',
  paused: 'statusPaused',
  grace_period: 'statusGrace',
}

/** The open tables: who leads, how many are there, what is happening. One press goes to one. */
export function Board({ tables: { open, isStale } }: { readonly tables: Tables }) {
  return (
    <section class="board" aria-labelledby="board">
      <h2 id="board">
        {say('openTables')} {open !== null && <span class="n">{numeral(open.length)}</span>}
      </h2>
      {open !== null && open.length > 0 && (
        <ol class="rows">
          {open.map((table) => (
            <Row key={table.id} table={table} />
          ))}
        </ol>
      )}
      <p class="note">{say(isStale ? 'notReached' : open?.length === 0 ? 'noTables' : 'tablesClose')}</p>
    </section>
  )
}

function Row({ table }: { readonly table: SessionSummaryView }) {
  return (
    <li>
      <span class="cnt">
        <b>{numeral(table.participant_count)}</b>
        <span class="vh"> {say('peopleThere', { count: table.participant_count })}</span>
      </span>
      <span class="tt">
        <a href={`/s/${table.id}`}>
          <bdi>{table.name}</bdi>
        </a>
        <small>
          <Figure figure={figureOfName(table.scrum_master_name)} />
          <span>
            <Say text="leads" name={<bdi>{table.scrum_master_name}</bdi>} />
          </span>
        </small>
      </span>
      <span class="sx">{say(STATUSES[table.status] ?? 'statusWaiting')}</span>
      <span class="go">
        <Icon name="right" />
      </span>
    </li>
  )
}
