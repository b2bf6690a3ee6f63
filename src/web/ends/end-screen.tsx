import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type Ending, MagnaPPError } from '../../client/client.js'
import { dropFragment } from '../address.js'
import { seatAt } from '../device/seats.js'
import { Bar } from '../parts/bar.js'
import { Icon } from '../parts/icon.js'
import { ToStart } from '../parts/to-start.js'
import type { WordKey } from '../words/catalogue.js'
import { listed, say } from '../words/say.js'
import { OpenAgain } from './open-again.js'
import { ServerWords } from './server-words.js'

interface EndProps {
  readonly sessionId: string
  readonly ending: Ending
  /** Why the server refused this client, if it did. */
  readonly failure: Error | null
  /** The table's name, if known. */
  readonly name: string
  /** Its room; `null`: it had none. */
  readonly room: string | null
  readonly cards: readonly string[]
  /** The others who sat there. */
  readonly people: readonly string[]
  readonly onJoinAgain: () => void
}

/** The table is gone, or closed to this person: why, and what to do next. */
export function EndScreen(props: EndProps) {
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // A panel open at this table must not be open at the next one.
    dropFragment()
    title.current?.focus()
  }, [])
  const kind = kindOf(props)
  return (
    <div class="page page--ended">
      <Bar table={props.name} />
      <main class="ended">
        <section class="fin" aria-labelledby="end-title">
          <h1 id="end-title" tabIndex={-1} ref={title}>
            {say(kind)}
          </h1>
          <Why {...props} />
          <Next kind={kind} {...props} />
        </section>
      </main>
    </div>
  )
}

/** The server's explanation, in its own words. */
function Why({ ending, failure }: EndProps): ComponentChildren {
  if (failure instanceof MagnaPPError && failure.problem !== null)
    return <ServerWords problem={failure.problem} />
  if (ending.message === null) return null
  return (
    <p class="note" lang="en">
      {ending.message}
    </p>
  )
}

function Next({
  kind,
  name,
  room,
  cards,
  people,
  onJoinAgain,
}: EndProps & { readonly kind: WordKey }): ComponentChildren {
  if (kind === 'endRemoved' || kind === 'endRemovedAway' || kind === 'endLeft') {
    return (
      <div class="two">
        <button class="main" type="button" onClick={onJoinAgain}>
          <span>{say('joinAgain')}</span>
          <Icon name="door" />
        </button>
        <ToStart />
      </div>
    )
  }
  if (kind === 'endUnknown' || name === '') {
    return (
      <div class="two">
        <a class="main" href="/">
          <span>{say('openATable')}</span>
          <Icon name="door" />
        </a>
      </div>
    )
  }
  return (
    <>
      <OpenAgain name={name} room={room} cards={cards} />
      {people.length > 0 && (
        <p class="note">
          {say(room === null ? 'sameNames' : 'sameRoom', { count: people.length, names: listed(people) })}
        </p>
      )}
    </>
  )
}

const OVER: Readonly<Record<string, WordKey>> = {
  timeout: 'endTimeout',
  ended: 'endEnded',
  empty: 'endEmpty',
  deserted: 'endDeserted',
  life_over: 'endLifeOver',
  failed: 'endFailed',
  missed: 'endMissed',
  kicked: 'endRemoved',
  left: 'endLeft',
}

function kindOf({ sessionId, ending, failure }: EndProps): WordKey {
  if (ending.reason !== 'refused') return OVER[ending.reason] ?? 'endUnknown'
  const code = failure instanceof MagnaPPError ? failure.code : ''
  const hadSeat = seatAt(sessionId) !== null
  // The server does not know a table where this person had a seat: it was restarted without it.
  if (code === 'SESSION_NOT_FOUND') return hadSeat ? 'endLost' : 'endUnknown'
  return hadSeat ? 'endRemovedAway' : 'endUnknown'
}
