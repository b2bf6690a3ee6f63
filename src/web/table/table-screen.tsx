import { panel } from '../address.js'
import { hasKeys } from '../device/preferences.js'
import { Bar, Tools } from '../parts/bar.js'
import { clockText, useTimeSince } from '../server-clock.js'
import { Say, say } from '../words/say.js'
import { Actions } from './actions.js'
import { gridOf, Hand } from './hand.js'
import { Reading } from './reading.js'
import { MANY, Register } from './register.js'
import { coversCard, Stage } from './stage.js'
import type { Table } from './table.js'
import { useTypedCards } from './use-typed-cards.js'
import { cardsOf, isInterrupted, phaseOf, seatsOf } from './view.js'

interface TableScreenProps {
  readonly table: Table
  /** For somebody who only watches: the way to a seat. */
  readonly onSit: () => void
}

/** The table, in every status. */
export function TableScreen({ table, onSit }: TableScreenProps) {
  const session = table.session.value
  useTypedCards(table)
  const phase = session === null ? 'waiting' : phaseOf(session)
  const seats = session === null ? [] : seatsOf(session, table.ownId, table.own.value.isPending)
  const app = [
    'app',
    phase === 'results' && 'app--results',
    (table.outcome.value?.consensus ?? null) !== null && 'is-one',
    table.cutAt.value !== null && 'is-cut',
  ]
  const main = [
    'table',
    seats.length >= MANY && 'table--many',
    phase === 'results' && 'table--results',
    panel.value === 'stories' && 'table--panel',
  ]
  return (
    <div class={app.filter(Boolean).join(' ')}>
      <a class="skip" href={phase === 'results' ? '#act' : '#hand'}>
        {say(phase === 'results' ? 'toTheResult' : 'toMyCards')}
      </a>
      <Bar table={session?.name ?? table.seat?.name ?? ''}>
        {table.connection.value === 'polling' && <SlowLine />}
        <Timer table={table} />
        <Tools />
      </Bar>
      <main class={main.filter(Boolean).join(' ')} tabIndex={-1} aria-busy={session === null}>
        <Register seats={seats} isUnseen={phase === 'results'} />
        <Stage table={table} />
        <Console table={table} onSit={onSit} />
      </main>
    </div>
  )
}

function Console({ table, onSit }: TableScreenProps) {
  const session = table.session.value
  const round = session?.current_round ?? null
  const cards = session === null ? (table.seat?.cards ?? []) : cardsOf(session)
  const isResult = session !== null && round?.is_revealed === true
  const hasHand = session === null ? cards.length > 0 : table.isVoter.value
  const grid = gridOf(cards)
  return (
    <section
      class={grid['--wide-rows'] > 1 ? 'console console--tall' : 'console'}
      style={grid}
      aria-label={say(isResult ? 'whatItSays' : 'myCards')}
    >
      <Actions table={table} onSit={onSit} />
      {table.outcome.value !== null && <Reading outcome={table.outcome.value} />}
      {!isResult && hasHand && (
        <>
          <Hand
            cards={cards}
            chosen={table.own.value.card}
            isPending={table.own.value.isPending}
            isCovered={coversCard(table)}
            isResting={session === null || round === null || isInterrupted(session)}
            onChoose={(card) => table.choose(card)}
          />
          {hasKeys.value && (
            <p class="hint">
              <Say text="keysHint" back={<kbd>Backspace</kbd>} help={<kbd>h</kbd>} />
            </p>
          )}
        </>
      )}
    </section>
  )
}

/** A quiet word on a network that holds live updates back. */
function SlowLine() {
  return (
    <p class="slow" title={say('slowLineNote')}>
      {say('slowLine')}
    </p>
  )
}

/** How long the story has taken: counting while a round is open, then standing. */
function Timer({ table }: { readonly table: Table }) {
  const round = table.session.value?.current_round ?? null
  const isOpen = round !== null && !round.is_revealed
  const openMs = useTimeSince(isOpen ? round.started_at : null)
  const ms = isOpen ? openMs : round === null ? 0 : table.tookMs.value
  return (
    <p class="timer" role="timer" aria-label={say('timeOnStory')}>
      <span>{ms === null ? '' : clockText(ms)}</span>
    </p>
  )
}
