import { figureOf } from '../parts/figure-of.js'
import { FIGURE_PATHS } from '../parts/figure-paths.js'
import { numeral, say } from '../words/say.js'
import type { Chooser, Outcome } from './outcome.js'

const TICKS = 120
const MIDDLE = 200
const SEATS_RADIUS = 168
const TICKS_RADIUS = 138

interface ConsensusProps {
  readonly outcome: Outcome
  readonly people: readonly Chooser[]
}

/** Consensus: the stage takes the colour of the own card. */
export function Consensus({ outcome: { consensus, votes, attempt }, people }: ConsensusProps) {
  const card = consensus ?? ''
  return (
    <div class="one">
      <svg class="dial" viewBox="0 0 400 400" aria-hidden="true" focusable="false">
        {Array.from({ length: TICKS }, (_, tick) => (
          <Tick key={tick} tick={tick} />
        ))}
        {people.map(({ user }, index) => {
          const { x, y } = onCircle(index / people.length, SEATS_RADIUS)
          return (
            <g key={user.id} transform={`translate(${x} ${y})`}>
              <circle class="seatdot" r="19" />
              <path
                transform="translate(-16 -16)"
                fill-rule="evenodd"
                d={FIGURE_PATHS[figureOf(user.avatar, user.name)] ?? ''}
              />
            </g>
          )
        })}
        {card === 'coffee' ? (
          <svg aria-hidden="true" x="130" y="130" width="140" height="140" class="onecup">
            <use href="#i-cup" />
          </svg>
        ) : (
          <text class="onev" x="196" y="262" style={{ '--len': [...card].length }}>
            {card}
          </text>
        )}
      </svg>
      <div class="onew">
        <p class="oneh">{say('everybodySays', { card: wordFor(card) })}</p>
        <p>
          {say(attempt === 1 ? 'oneNumber' : 'oneNumberAtLast', {
            count: votes,
            cards: capital(numberWord(votes) ?? numeral(votes)),
            attempt,
          })}
        </p>
      </div>
    </div>
  )
}

function Tick({ tick }: { readonly tick: number }) {
  const length = tick % 15 === 0 ? 16 : tick % 5 === 0 ? 10 : 6
  const outer = onCircle(tick / TICKS, TICKS_RADIUS)
  const inner = onCircle(tick / TICKS, TICKS_RADIUS - length)
  return <line x1={outer.x} y1={outer.y} x2={inner.x} y2={inner.y} />
}

/** From the top, clockwise. */
function onCircle(turn: number, radius: number): { readonly x: number; readonly y: number } {
  const angle = turn * 2 * Math.PI
  const rounded = (value: number) => Math.round(value * 10) / 10
  return {
    x: rounded(MIDDLE + radius * Math.sin(angle)),
    y: rounded(MIDDLE - radius * Math.cos(angle)),
  }
}

function wordFor(card: string): string {
  if (card === 'coffee') return say('coffee')
  return /^\d+$/.test(card) ? (numberWord(Number(card)) ?? card) : card
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1)
}

/** Small numbers as words; `null`: written in digits. */
function numberWord(value: number): string | null {
  return say('numberWords').split(' ')[value] ?? null
}
