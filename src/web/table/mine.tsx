import { cardName } from '../parts/card-face.js'
import { Icon } from '../parts/icon.js'
import { numeral, say } from '../words/say.js'
import type { OwnCard } from './table.js'
import type { Count } from './view.js'

interface MineProps {
  readonly own: OwnCard
  readonly onTakeBack: () => void
  readonly onCover: (isCovered: boolean) => void
}

/** The own card, large: also on a shared screen, hence the button next to it. */
export function MyCard({ own: { card, isPending }, onTakeBack, onCover }: MineProps) {
  if (card === null) {
    return (
      <div class="mine mine--rest">
        <span class="rest" aria-hidden="true" />
        <p class="cap">
          <span>{say('noCardYet')}</span>
        </p>
      </div>
    )
  }
  return (
    <div class={`mine ${widthOf(card)} ${isPending ? 'mine--pending' : ''}`}>
      {isPending ? <Outline card={card} /> : <Numeral card={card} />}
      <p key={String(isPending)} class="cap">
        {isPending ? (
          <>
            <span id="pending">{say('notSentYet', { card: cardName(card) })}</span>
            <button class="txt" type="button" onClick={onTakeBack}>
              {say('takeBack')}
            </button>
          </>
        ) : (
          <>
            <span>{say('seenByYou')}</span>
            <button class="txt" type="button" onClick={() => onCover(true)}>
              <Icon name="eyeoff" />
              {say('cover')}
            </button>
          </>
        )}
      </p>
    </div>
  )
}

/** Instead of the own card: how many have chosen theirs. For the leader, and for people without a card. */
export function HeroCount({ count }: { readonly count: Count }) {
  const voted = numeral(count.voted)
  return (
    <div class={`mine mine--count ${widthOf(voted)}`} aria-hidden="true">
      <p class="big big--ink">{voted}</p>
      <p class="cap">
        <span>{say('ofHaveVoted', { count: count.voted, of: count.of })}</span>
      </p>
    </div>
  )
}

function Numeral({ card }: { readonly card: string }) {
  if (card === 'coffee') return <Icon name="cup" class="bigcup" />
  return (
    <p class="big" aria-hidden="true">
      {card}
    </p>
  )
}

/** A dashed outline means not sent yet. */
function Outline({ card }: { readonly card: string }) {
  if (card === 'coffee') return <Icon name="cup" class="bigcup bigcup--out" />
  return (
    <svg
      class="bigout"
      viewBox={`0 0 ${20 + 140 * [...card].length} 190`}
      preserveAspectRatio="xMinYMax meet"
      aria-hidden="true"
      focusable="false"
    >
      <text x="-10" y="187">
        {card}
      </text>
    </svg>
  )
}

/** How many of the stage's columns a numeral takes. */
function widthOf(text: string): string {
  const length = text === 'coffee' ? 1 : [...text].length
  return length === 1 ? '' : length === 2 ? 'mine--2' : 'mine--3'
}
