import { panel } from '../address.js'
import { beside } from '../beside.js'
import { hasKeys } from '../device/preferences.js'
import { roomLink } from '../invite/link.js'
import { Bar, Tools } from '../parts/bar.js'
import { clockText, useTimeLeft, useTimeSince } from '../server-clock.js'
import { Say, say } from '../words/say.js'
import { Actions } from './actions.js'
import { gridOf, Hand } from './hand.js'
import { Reading } from './reading.js'
import { MANY, Register } from './register.js'
import { coversCard, isFlooded, Stage } from './stage.js'
import type { Table } from './table.js'
import { useTypedCards } from './use-typed-cards.js'
import { cardsOf, phaseOf, seatsOf } from './view.js'

interface TableScreenProps {
  readonly table: Table
  /** For observers without a seat: the way to one. */
  readonly onSit: () => void
  /** The window whose keys choose cards. */
  readonly keysOf?: Window
  /** In a small separate window: the table alone. */
  readonly isMini?: boolean
}

const SECOND_MS = 1_000
/** When this little time is left, one should hurry. */
const SHORT_MS = 10_500

/** The table, in every status. */
export function TableScreen({ table, onSit, keysOf = window, isMini = false }: TableScreenProps) {
  const session = table.session.value
  useTypedCards(table, keysOf)
  const Stories = panel.value === 'stories' && !isMini ? beside.value?.stories : undefined
  const phase = session === null ? 'waiting' : phaseOf(session)
  const seats = session === null ? [] : seatsOf(session, table.ownId, table.own.value.isPending)
  const app = [
    'app',
    isMini && 'app--mini',
    phase === 'results' && 'app--results',
    table.outcome.value !== null && isFlooded(table.outcome.value) && 'is-one',
    table.line.cutAt.value !== null && 'is-cut',
  ]
  const main = [
    'table',
    seats.length >= MANY && 'table--many',
    phase === 'results' && 'table--results',
    Stories !== undefined && 'table--panel',
  ]
  return (
    <div class={app.filter(Boolean).join(' ')}>
      {!isMini && (
        <>
          <a class="skip" href={phase === 'results' ? '#act' : '#hand'}>
            {say(phase === 'results' ? 'toTheResult' : 'toMyCards')}
          </a>
          <Bar table={session?.name ?? table.seat?.name ?? ''} link={roomLink(session?.room ?? null)}>
            {table.connection.value === 'polling' && <SlowLine />}
            <Timer table={table} />
            <Tools />
          </Bar>
        </>
      )}
      <main class={main.filter(Boolean).join(' ')} tabIndex={-1} aria-busy={session === null}>
        <Register seats={seats} isUnseen={phase === 'results'} />
        <Stage table={table} />
        <Console table={table} onSit={onSit} />
        {Stories !== undefined && <Stories table={table} />}
      </main>
    </div>
  )
}

function Console({ table, onSit }: Pick<TableScreenProps, 'table' | 'onSit'>) {
  const session = table.session.value
  const cards = session === null ? (table.seat?.cards ?? []) : cardsOf(session)
  const outcome = table.isRethinking.value ? null : table.outcome.value
  const hasHand = session === null ? cards.length > 0 : table.isVoter.value
  const grid = gridOf(cards)
  return (
    <section
      class={grid['--wide-rows'] > 1 ? 'console console--tall' : 'console'}
      style={grid}
      aria-label={say(outcome === null ? 'myCards' : 'whatItSays')}
    >
      <Actions table={table} onSit={onSit} />
      {outcome !== null && <Reading outcome={outcome} />}
      {outcome === null && hasHand && <OwnHand table={table} cards={cards} />}
    </section>
  )
}

function OwnHand({ table, cards }: { readonly table: Table; readonly cards: readonly string[] }) {
  const session = table.session.value
  const { card, isPending } = table.own.value
  const isOpen = session?.status === 'voting' || (session?.status === 'results' && table.isRethinking.value)
  return (
    <>
      <Hand
        cards={cards}
        chosen={card}
        isPending={isPending}
        isCovered={coversCard(table)}
        isResting={!isOpen}
        onChoose={(chosen) => table.choose(chosen)}
      />
      {hasKeys.value && (
        <p class="hint">
          <Say text="keysHint" back={<kbd>Backspace</kbd>} help={<kbd>h</kbd>} />
        </p>
      )}
    </>
  )
}

/** A discreet note about a network that holds back live updates. */
function SlowLine() {
  return (
    <p class="slow" title={say('slowLineNote')}>
      {say('slowLine')}
    </p>
  )
}

/** The time on the story: counting while a round is open, then stopped. With a limit: the time left. */
function Timer({ table }: { readonly table: Table }) {
  const round = table.session.value?.current_round ?? null
  const isOpen = round !== null && !round.is_revealed
  const openMs = useTimeSince(isOpen ? round.started_at : null)
  const leftMs = useTimeLeft(isOpen ? round.round_ends_at : null)
  if (isOpen && (round.round_ends_at !== null || round.round_left_seconds !== null)) {
    const ms = round.round_left_seconds === null ? leftMs : round.round_left_seconds * SECOND_MS
    return (
      <p class={ms < SHORT_MS ? 'timer timer--short' : 'timer'} role="timer" aria-label={say('timeLeft')}>
        <span>{clockText(ms)}</span>
      </p>
    )
  }
  const ms = isOpen ? openMs : round === null ? 0 : table.news.tookMs.value
  return (
    <p class="timer" role="timer" aria-label={say('timeOnStory')}>
      <span>{ms === null ? '' : clockText(ms)}</span>
    </p>
  )
}
