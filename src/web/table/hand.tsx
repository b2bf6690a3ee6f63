import { useRef } from 'preact/hooks'
import { CardFace, cardName } from '../parts/card-face.js'
import { Ticks } from '../parts/ticks.js'
import { say } from '../words/say.js'

interface HandProps {
  readonly cards: readonly string[]
  readonly chosen: string | null
  /** The chosen card has not reached the server. */
  readonly isPending: boolean
  /** The chosen card looks like the others. */
  readonly isCovered: boolean
  /** The cards are visible but cannot be chosen. */
  readonly isResting: boolean
  /** Pressing the chosen card takes it back: `null`. */
  readonly onChoose: (card: string | null) => void
}

/** Columns of cards on a phone, all within reach of a thumb. */
const PHONE_COLUMNS = 5
/** More cards than this make two rows on a wide screen. */
const ROW_MAX = 13

/** The user's hand: the deck as a ruler. One tab stop; arrows move, Space chooses. */
export function Hand({ cards, chosen, isPending, isCovered, isResting, onChoose }: HandProps) {
  const group = useRef<HTMLDivElement>(null)
  const move = (event: KeyboardEvent) => {
    const radios = [...(group.current?.querySelectorAll('input') ?? [])]
    const from = event.target instanceof HTMLInputElement ? radios.indexOf(event.target) : -1
    const target = targetOf(event.key, from, radios.length)
    if (target === null || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    radios[target]?.focus()
  }
  const classes = ['hand', isPending && 'hand--pending', isResting && 'hand--resting']
  return (
    <div
      class={classes.filter(Boolean).join(' ')}
      id="hand"
      ref={group}
      role="radiogroup"
      aria-label={say('yourCard')}
      aria-disabled={isResting}
      onKeyDown={move}
    >
      <div class="cards">
        {cards.map((card, index) => (
          <label
            key={card}
            class={card === chosen && !isCovered ? 'card is-up' : 'card'}
            style={{ '--fit': fitOf(card) }}
          >
            <input
              type="radio"
              name="card"
              value={card}
              aria-label={cardName(card)}
              aria-describedby={card === chosen && isPending ? 'pending' : undefined}
              checked={card === chosen}
              onClick={(event) => {
                if (isResting) event.preventDefault()
                else if (card === chosen) onChoose(null)
              }}
              onChange={() => onChoose(card)}
            />
            <span class="plate">
              <Ticks cards={cards} index={index} />
              <span class="idx" aria-hidden="true">
                {card === 'coffee' ? '' : card}
              </span>
              <span class="v">
                <CardFace card={card} />
              </span>
              <span class="idx idx--b" aria-hidden="true">
                {card === 'coffee' ? '' : card}
              </span>
            </span>
          </label>
        ))}
      </div>
    </div>
  )
}

/** The rows and columns of a deck, on wide screens and on phones; the console is sized for them. */
export function gridOf({ length }: readonly string[]) {
  const phone = length <= 8 ? Math.min(4, length) : PHONE_COLUMNS
  const wideRows = length <= ROW_MAX ? 1 : 2
  return {
    '--wide': Math.ceil(length / wideRows),
    '--wide-rows': wideRows,
    '--phone': phone,
    '--phone-rows': Math.ceil(length / phone),
  }
}

/** The size of a card's text, in percent of the card's width: long ones take two lines. */
function fitOf(card: string): number {
  const length = card === 'coffee' ? 1 : [...card].length
  return length <= 2 ? 80 : length <= 4 ? 170 / length : 300 / length
}

function targetOf(key: string, from: number, count: number): number | null {
  const isRtl = document.documentElement.dir === 'rtl'
  switch (key) {
    case 'ArrowDown':
    case isRtl ? 'ArrowLeft' : 'ArrowRight':
      return (from + 1) % count
    case 'ArrowUp':
    case isRtl ? 'ArrowRight' : 'ArrowLeft':
      return (from - 1 + count) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}
