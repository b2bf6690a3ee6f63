import { Figure } from '../parts/figure.js'
import { figureOf } from '../parts/figure-of.js'
import { Icon, type IconName } from '../parts/icon.js'
import { Name } from '../parts/name.js'
import { useUnhurried } from '../parts/use-later.js'
import type { WordKey } from '../words/catalogue.js'
import { numeral, say } from '../words/say.js'
import type { SeatState, SeatView } from './view.js'

const MARKS: Readonly<Record<SeatState, IconName | null>> = {
  here: null,
  thinking: 'slot',
  voted: 'check',
  pending: 'slotd',
  away: 'moon',
  observes: 'eye',
}

const STATES: Readonly<Record<SeatState, WordKey>> = {
  here: 'stateHere',
  thinking: 'stateThinking',
  voted: 'stateVoted',
  pending: 'statePending',
  away: 'stateAway',
  observes: 'stateObserves',
}

/** Invisible parts are not redrawn in the very frame of a reveal. */
const UNSEEN_MS = 200

/** From this many people on, rows are lower. */
export const MANY = 9

interface RegisterProps {
  readonly seats: readonly SeatView[]
  /** The names are shown elsewhere, and here only for people who cannot see them there. */
  readonly isUnseen?: boolean
}

/** Who is at the table, in joining order, which never changes before a reveal. */
export function Register({ seats: now, isUnseen = false }: RegisterProps) {
  const seats = useUnhurried(now, isUnseen, UNSEEN_MS)
  const classes = ['people', seats.length >= MANY && 'people--many', isUnseen && 'vh']
  return (
    <section class={classes.filter(Boolean).join(' ')} aria-labelledby="people">
      <h2 class="cap" id="people">
        <span>{say('atTheTable')}</span>
        <span class="n" aria-hidden="true">
          {numeral(seats.length)}
        </span>
      </h2>
      <ol
        class="register"
        aria-labelledby="people"
        // It may need to scroll.
        tabIndex={seats.length >= MANY && !isUnseen ? 0 : undefined}
      >
        {seats.map((seat) => (
          <Seat key={seat.user.id} seat={seat} />
        ))}
      </ol>
    </section>
  )
}

function Seat({ seat }: { readonly seat: SeatView }) {
  const { user, state, isMe, number } = seat
  const mark = MARKS[state]
  const part = partOf(seat)
  return (
    <li class={`seat is-${state}${isMe ? ' is-me' : ''}`}>
      <span class="no" aria-hidden="true">
        {String(number).padStart(2, '0')}
      </span>
      <Figure figure={figureOf(user.avatar, user.name)} />
      <span class="who">
        <Name text={user.name} />
        {part !== '' && <small>{part}</small>}
      </span>
      <span class="st">
        {mark !== null && <Icon key={mark} name={mark} />}
        <span key={state} class="stw">
          {say(STATES[state])}
        </span>
      </span>
    </li>
  )
}

/** Somebody's role at the table, besides being present. */
function partOf({ isMe, leads, leadsNext }: SeatView): string {
  if (isMe) return say(leads ? 'partMeLeads' : leadsNext ? 'partMeNext' : 'partMe')
  return leads ? say('partLeads') : leadsNext ? say('partNext') : ''
}
