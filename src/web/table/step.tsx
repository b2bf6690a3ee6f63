import { CardFace, cardName } from '../parts/card-face.js'
import { Figure } from '../parts/figure.js'
import { figureOf } from '../parts/figure-of.js'
import { Icon } from '../parts/icon.js'
import { Name } from '../parts/name.js'
import { worthOf } from '../parts/ruler.js'
import { Ticks } from '../parts/ticks.js'
import { say } from '../words/say.js'
import type { Chooser, Step } from './outcome.js'

/** The number of sizes of a numeral. */
const SIZES = 4

interface StandingProps {
  readonly step: Step
  readonly cards: readonly string[]
  readonly index: number
  /** The most votes on any card. */
  readonly most: number
  readonly isPicked: boolean
  /** The ruler is a group of choices, not a list, even for a card that cannot be chosen. */
  readonly isInGroup: boolean
  readonly onPick: ((card: string) => void) | null
}

/** A card of the result: a numeral sized by its votes, its stretch of the ruler, and who chose it. */
export function Standing({ step, cards, index, most, isPicked, isInGroup, onPick }: StandingProps) {
  const { card, votes, people, isInRange, isLowest, isHighest } = step
  const classes = [
    'step',
    `n${sizeOf(votes, most)}`,
    isInRange && 'in',
    isLowest && 'lo',
    isHighest && 'hi',
    isPicked && onPick !== null && 'is-picked',
  ]
  const length = card === 'coffee' ? 1 : [...card].length
  return (
    <li
      class={classes.filter(Boolean).join(' ')}
      role={isInGroup ? 'none' : undefined}
      style={{ '--column': index + 1, '--len': length }}
    >
      <span class="num" aria-hidden="true">
        <span>
          <CardFace card={card} />
        </span>
      </span>
      <Ticks cards={cards} index={index} />
      <ul class="chose" aria-hidden="true">
        {people.map((chooser) => (
          <Choice key={chooser.user.id} chooser={chooser} card={card} />
        ))}
      </ul>
      {onPick !== null && (
        <input
          class="pick"
          type="radio"
          name="estimate"
          aria-label={cardName(card)}
          checked={isPicked}
          onChange={() => onPick(card)}
        />
      )}
    </li>
  )
}

function Choice({
  chooser: { user, isMe, from },
  card,
}: {
  readonly chooser: Chooser
  readonly card: string
}) {
  return (
    <li class={isMe ? 'is-me' : undefined}>
      <Figure figure={figureOf(user.avatar, user.name)} />
      <span class="who">
        <Name text={user.name} />
        {from !== null && (
          <small>
            <Icon name={isUp(from, card) ? 'up' : 'down'} />
            {say('fromCard', { card: cardName(from) })}
          </small>
        )}
      </span>
    </li>
  )
}

function isUp(from: string, to: string): boolean {
  return (worthOf(to) ?? 0) > (worthOf(from) ?? 0)
}

/**
 * The size of a numeral: by its votes, up to four; if no card has that many, by its share of the most votes
 * on a card, so that a small team's result is as clear as a large one's.
 */
function sizeOf(votes: number, most: number): number {
  const relative = most === 1 ? 2 : Math.round((votes / most) * SIZES)
  return votes === 0 ? 0 : Math.max(Math.min(SIZES, votes), relative)
}
