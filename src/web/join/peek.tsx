import { DeckRuler } from '../parts/deck-ruler.js'
import { outcomeOf } from '../table/outcome.js'
import { Register } from '../table/register.js'
import { sentenceOf } from '../table/sentence.js'
import type { Table } from '../table/table.js'
import { cardsOf, countOf, phaseOf, seatsOf, splitTitle, votersHere } from '../table/view.js'
import { Say, say } from '../words/say.js'

/** The public view of the table, before joining. */
export function Peek({ table }: { readonly table: Table }) {
  const session = table.session.value
  if (session === null) return <section class="peek" aria-label={say('tableNow')} aria-busy="true" />
  const story = splitTitle(session.current_round?.story?.title ?? '')
  return (
    <section class="peek" aria-label={say('tableNow')}>
      <header class="story">
        {story.key !== '' && <p class="cap">{story.key}</p>}
        <h2 dir="auto">{story.title || session.name}</h2>
      </header>
      <Standing table={table} />
      <Register seats={seatsOf(session, null, false)} />
      <DeckRuler cards={cardsOf(session)} />
    </section>
  )
}

function Standing({ table }: { readonly table: Table }) {
  const session = table.session.value
  if (session === null) return null
  const round = session.current_round
  const phase = phaseOf(session)
  if (phase === 'results' && round !== null)
    return <p class="lead">{sentenceOf(outcomeOf(session, round, null, null))}</p>
  if (phase === 'waiting') {
    const ready = votersHere(session).length
    return (
      <p class="lead">
        <Say text="ready" count={ready} n={<b>{ready}</b>} />
      </p>
    )
  }
  const { voted, of } = countOf(session)
  return (
    <p class="lead">
      <Say text="haveVoted" count={voted} voted={<b>{voted}</b>} of={<b>{of}</b>} />
    </p>
  )
}
