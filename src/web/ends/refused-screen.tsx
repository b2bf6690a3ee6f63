import { useEffect, useRef } from 'preact/hooks'
import type { MagnaPPError } from '../../client/client.js'
import { Bar } from '../parts/bar.js'
import { Icon } from '../parts/icon.js'
import { ToStart } from '../parts/to-start.js'
import { clockText, useTimeLeft } from '../server-clock.js'
import type { WordKey } from '../words/catalogue.js'
import { say } from '../words/say.js'
import { ServerWords } from './server-words.js'

/** Refusals that depend on the server's state rather than the input; each has its own screen. */
export const SCREENS: Readonly<Record<string, WordKey>> = {
  SESSION_FULL: 'tableFull',
  MAX_SESSIONS_REACHED: 'serverFull',
}

interface RefusedProps {
  readonly error: MagnaPPError
  readonly name?: string
  readonly onAgain: () => void
  /** Offers to watch instead of taking a seat, if there is something to watch. */
  readonly onWatch?: () => void
}

/** There is no room: what frees some, when to try again, and what to do meanwhile. */
export function RefusedScreen({ error, name = '', onAgain, onWatch }: RefusedProps) {
  const title = useRef<HTMLHeadingElement>(null)
  const until = useRef(new Date(Date.now() + (error.retryAfterSeconds ?? 0) * 1_000).toISOString())
  useEffect(() => title.current?.focus(), [])
  const leftMs = useTimeLeft(until.current)
  return (
    <div class="page page--ended">
      <Bar table={name} />
      <main class="ended">
        <section class="fin" aria-labelledby="refused-title">
          <h1 id="refused-title" tabIndex={-1} ref={title}>
            {say(SCREENS[error.code] ?? 'endUnknown')}
          </h1>
          {error.problem !== null && <ServerWords problem={error.problem} />}
          <div class="two">
            <button class="main" type="button" onClick={onAgain}>
              <span>{say('tryAgain')}</span>
              {leftMs > 0 && <span class="mainn">{clockText(leftMs)}</span>}
            </button>
            {onWatch !== undefined && (
              <button class="txt" type="button" onClick={onWatch}>
                <Icon name="eye" />
                {say('justWatch')}
              </button>
            )}
            <ToStart />
          </div>
          {leftMs > 0 && <p class="note">{say('tryAgainThen')}</p>}
        </section>
      </main>
    </div>
  )
}
