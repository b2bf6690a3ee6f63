import { isMedium, isTall, isWide } from '../device/screen.js'
import { CardFace } from '../parts/card-face.js'
import { Figure } from '../parts/figure.js'
import { figureOf } from '../parts/figure-of.js'
import { Name } from '../parts/name.js'
import { Ticks } from '../parts/ticks.js'
import { useLater } from '../parts/use-later.js'
import { numeral, say } from '../words/say.js'
import type { Outcome, Step } from './outcome.js'
import { MANY } from './register.js'

/** With more cards than this the ruler stands upright: names would find no room under theirs. */
const WIDE_CARDS_MAX = 13
const MEDIUM_CARDS_MAX = 9
/** A numeral grows in so many steps. */
const SIZES = 4

/**
 * How large a numeral is drawn: by its votes, up to four; and where fewer lie on any card, by its share
 * of the most that lie on one, so that a small team's answer is as plain as a large one's.
 */
function sizeOf(votes: number, most: number): number {
  const relative = most === 1 ? 2 : Math.round((votes / most) * SIZES)
  return votes === 0 ? 0 : Math.max(Math.min(SIZES, votes), relative)
}

interface ResultProps {
  readonly outcome: Outcome
  /** Who has no card in it, in words. */
  readonly rest: string
}

/** The answer, standing on the ruler: names have left the register for the card that they chose. */
export function Result({ outcome, rest }: ResultProps) {
  const { steps, votes } = outcome
  const cards = steps.map(({ card }) => card)
  const most = Math.max(...steps.map((step) => step.votes))
  const isMany = votes >= MANY
  const lies = isLying(outcome)
  const classes = ['dist', isMany && 'dist--many', lies && 'dist--lying']
  return (
    <>
      <figure class={classes.filter(Boolean).join(' ')}>
        <ol class="scale" aria-hidden="true" style={{ '--n': cards.length }}>
          {steps.map((step, index) => (
            <Standing key={step.card} step={step} cards={cards} index={index} most={most} />
          ))}
        </ol>
        <figcaption class="cap">
          <span>{captionOf(outcome)}</span>
          <span>{rest}</span>
        </figcaption>
      </figure>
      <ResultTable steps={steps} />
    </>
  )
}

/** Whether the ruler lies, with its numerals standing on it; else it stands upright, beside its names. */
export function isLying({ steps, votes }: Outcome): boolean {
  const isMany = votes >= MANY
  if (isWide.value) return steps.length <= WIDE_CARDS_MAX && (isTall.value || !isMany)
  return isMedium.value && steps.length <= MEDIUM_CARDS_MAX && !isMany
}

interface StandingProps {
  readonly step: Step
  readonly cards: readonly string[]
  readonly index: number
  /** The most votes that lie on one card. */
  readonly most: number
}

function Standing({ step, cards, index, most }: StandingProps) {
  const { card, votes, people, isInRange, isLowest, isHighest } = step
  const classes = ['step', `n${sizeOf(votes, most)}`, isInRange && 'in', isLowest && 'lo', isHighest && 'hi']
  const length = card === 'coffee' ? 1 : [...card].length
  return (
    <li class={classes.filter(Boolean).join(' ')} style={{ '--column': index + 1, '--len': length }}>
      <span class="num">
        <span>
          <CardFace card={card} />
        </span>
      </span>
      <Ticks cards={cards} index={index} />
      <ul class="chose">
        {people.map(({ user, isMe }) => (
          <li key={user.id} class={isMe ? 'is-me' : undefined}>
            <Figure figure={figureOf(user.avatar, user.name)} />
            <span class="who">
              <Name text={user.name} />
            </span>
          </li>
        ))}
      </ul>
    </li>
  )
}

/** A drawing is seen at once; what is read out can follow when it stands. */
const TABLE_MS = 100

/** The same as a table, for those to whom a drawing says nothing. */
export function ResultTable({ steps }: { readonly steps: readonly Step[] }) {
  if (!useLater(TABLE_MS)) return null
  return (
    <div class="vh">
      <table>
        <caption>{say('whoChoseWhat')}</caption>
        <thead>
          <tr>
            <th scope="col">{say('card')}</th>
            <th scope="col">{say('votes')}</th>
            <th scope="col">{say('people')}</th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ card, votes, people }) => (
            <tr key={card}>
              <th scope="row">{card === 'coffee' ? say('coffee') : card}</th>
              <td>{numeral(votes)}</td>
              <td>{people.length === 0 ? say('nobody') : people.map(({ user }) => user.name).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function captionOf({ steps, votes }: Outcome): string {
  const low = steps.find(({ isLowest }) => isLowest)
  const high = steps.find(({ isHighest }) => isHighest)
  if (low === undefined || high === undefined || low === high) return say('cardsOnTable', { count: votes })
  return say('cardsFromTo', { count: votes, from: low.card, to: high.card })
}
