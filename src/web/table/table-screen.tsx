import { panel } from '../address.js'
import { hasKeys } from '../device/preferences.js'
import { Bar, Tools } from '../parts/bar.js'
import { clockText, useTimeSince } from '../server-clock.js'
import { Say, say } from '../words/say.js'
import { Actions } from './actions.js'
import { gridOf, Hand } from './hand.js'
import { outcomeOf } from './outcome.js'
import { Reading } from './reading.js'
import { MANY, Register } from './register.js'
import { coversCard, Stage } from './stage.js'
import type { Table } from './table.js'
import { useTypedCards } from './use-typed-cards.js'
import { cardsOf, isInterrupted, phaseOf, seatsOf } from './view.js'

/** The table, in every status. */
export function TableScreen({ table }: { readonly table: Table }) {
  const session = table.session.value
  useTypedCards(table)
  if (session === null) return <Waiting name={table.seat?.name ?? ''} />
  const phase = phaseOf(session)
  const seats = seatsOf(session, table.ownId, table.own.value.isPending)
  const isOne = phase === 'results' && consensusOf(table)
  const app = [
    'app',
    phase === 'results' && 'app--results',
    isOne && 'is-one',
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
      <a class="skip" href="#hand">
        {say('toMyCards')}
      </a>
      <Bar table={session.name}>
        <Timer table={table} />
        <Tools />
      </Bar>
      <main class={main.filter(Boolean).join(' ')} tabIndex={-1}>
        <Register seats={seats} isUnseen={phase === 'results'} />
        <Stage table={table} />
        <Console table={table} />
      </main>
    </div>
  )
}

function Console({ table }: { readonly table: Table }) {
  const session = table.session.value
  if (session === null) return null
  const round = session.current_round
  const outcome = round?.is_revealed === true ? outcomeOf(session, round, table.ownId) : null
  return (
    <section
      class={gridOf(cardsOf(session))['--wide-rows'] > 1 ? 'console console--tall' : 'console'}
      style={gridOf(cardsOf(session))}
      aria-label={say(outcome === null ? 'myCards' : 'whatItSays')}
    >
      <Actions table={table} />
      {outcome !== null && <Reading outcome={outcome} />}
      {outcome === null && table.isVoter.value && (
        <>
          <Hand
            cards={cardsOf(session)}
            chosen={table.own.value.card}
            isPending={table.own.value.isPending}
            isCovered={coversCard(table)}
            isResting={round === null || isInterrupted(session)}
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

function Timer({ table }: { readonly table: Table }) {
  const round = table.session.value?.current_round ?? null
  const ms = useTimeSince(round?.started_at ?? null)
  if (round === null || round.is_revealed) return null
  return (
    <p class="timer" role="timer" aria-label={say('timeOnStory')}>
      <span>{clockText(ms)}</span>
    </p>
  )
}

/** Until the table is known: its frame, and its name where it is known from last time. */
function Waiting({ name }: { readonly name: string }) {
  return (
    <div class="app">
      <Bar table={name} />
      <main class="table" aria-busy="true" />
    </div>
  )
}

function consensusOf(table: Table): boolean {
  const session = table.session.value
  const round = session?.current_round ?? null
  return session !== null && round !== null && outcomeOf(session, round, table.ownId).consensus !== null
}
