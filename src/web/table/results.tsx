import { panel } from '../address.js'
import { isMedium, isTall, isWide } from '../device/screen.js'
import { say } from '../words/say.js'
import { Arcs, hasArcs } from './arcs.js'
import type { Outcome } from './outcome.js'
import { MANY } from './register.js'
import { ResultTable } from './result-table.js'
import { Standing } from './step.js'

/** With more cards than this the ruler is vertical: names would not fit below it. */
const WIDE_CARDS_MAX = 13
const MEDIUM_CARDS_MAX = 9
/** How many names fit under one card; more are shown beside it, in columns. */
const NAMES_UNDER_MAX = 8

interface ResultProps {
  readonly outcome: Outcome
  /** Who has no card in the result, in words. */
  readonly rest: string
  /** The card that would be accepted. */
  readonly picked: string | null
  /** Picks a card as the estimate; `null`: this person does not lead. */
  readonly onPick: ((card: string) => void) | null
}

/** The result on the ruler: names have moved from the register to the cards they chose. */
export function Result({ outcome, rest, picked, onPick }: ResultProps) {
  const { steps, votes, attempt } = outcome
  const cards = steps.map(({ card }) => card)
  const most = Math.max(...steps.map((step) => step.votes))
  const classes = ['dist', votes >= MANY && 'dist--many', isLying(outcome) && 'dist--lying']
  // For the leader the ruler is also the picker; for all others it is a drawing with a table behind it.
  const group =
    onPick === null ? {} : ({ role: 'radiogroup', 'aria-label': say('estimateToAccept') } as const)
  return (
    <>
      <figure class={classes.filter(Boolean).join(' ')}>
        <ol class="scale" aria-hidden={onPick === null} {...group} style={{ '--n': cards.length }}>
          {steps.map((step, index) => (
            <Standing
              key={step.card}
              step={step}
              cards={cards}
              index={index}
              most={most}
              isPicked={step.card === picked}
              isInGroup={onPick !== null}
              onPick={step.isEstimate ? onPick : null}
            />
          ))}
          <Arcs steps={steps} />
        </ol>
        <figcaption class="cap">
          <span>{captionOf(outcome)}</span>
          {isLying(outcome) && hasArcs(steps) && (
            <span class="wide">{say('arcsMean', { attempt: attempt - 1 })}</span>
          )}
          <span>{rest}</span>
        </figcaption>
      </figure>
      <ResultTable steps={steps} />
    </>
  )
}

/** Whether the ruler is horizontal, with its numerals on top; otherwise it is vertical, next to its names. */
export function isLying({ steps, votes }: Outcome): boolean {
  const isMany = votes >= MANY
  if (steps.some(({ people }) => people.length > NAMES_UNDER_MAX)) return false
  // The stories panel takes space from it.
  if (panel.value === 'stories') return isWide.value && steps.length <= MEDIUM_CARDS_MAX && !isMany
  if (isWide.value) return steps.length <= WIDE_CARDS_MAX && (isTall.value || !isMany)
  return isMedium.value && steps.length <= MEDIUM_CARDS_MAX && !isMany
}

function captionOf({ steps, votes, isAnonymous }: Outcome): string {
  const low = steps.find(({ isLowest }) => isLowest)
  const high = steps.find(({ isHighest }) => isHighest)
  const isOne = low === undefined || high === undefined || low === high
  const cards = isOne
    ? say('cardsOnTable', { count: votes })
    : say('cardsFromTo', { count: votes, from: low.card, to: high.card })
  return isAnonymous ? `${cards}, ${say('withoutNames').toLocaleLowerCase()}` : cards
}
