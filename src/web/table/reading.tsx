import { CardFace, cardName } from '../parts/card-face.js'
import { Figure } from '../parts/figure.js'
import { figureOf } from '../parts/figure-of.js'
import { Icon } from '../parts/icon.js'
import { Name } from '../parts/name.js'
import { useLater } from '../parts/use-later.js'
import { numeral, say } from '../words/say.js'
import { type Chooser, firstToSpeak, type Outcome } from './outcome.js'
import { sentenceOf } from './sentence.js'

const READING_MS = 40

/** The result in a sentence and three figures, and who speaks first. */
export function Reading({ outcome }: { readonly outcome: Outcome }) {
  const { median, average, agreement, agreementBefore } = outcome
  const first = firstToSpeak(outcome)
  // The result comes first; the console keeps its height meanwhile.
  if (!useLater(READING_MS)) return <div class="read" />
  return (
    <div class="read">
      <div class="say">
        <p class="cap">{captionOf(outcome)}</p>
        <p class="sentence">{sentenceOf(outcome)}</p>
      </div>
      <div class="figures">
        <dl class="nums">
          <Figures name={say('median')} value={median === null ? '–' : numeral(median)} />
          <Figures name={say('mean')} value={average === null ? '–' : numeral(average)} />
          <Figures
            name={say('agreement')}
            value={agreement === null ? '–' : percent(agreement)}
            unit="%"
            before={agreementBefore === null ? null : percent(agreementBefore)}
          />
        </dl>
        {first !== null && (
          <div class="first">
            <p class="cap">{say('firstToSpeak')}</p>
            <p class="pair">
              <Speaker card={first.low[0]} chooser={first.low[1]} />
              <Speaker card={first.high[0]} chooser={first.high[1]} />
            </p>
          </div>
        )}
      </div>
    </div>
  )
}

interface FiguresProps {
  readonly name: string
  readonly value: string
  readonly unit?: string
  /** Its value in the previous attempt. */
  readonly before?: string | null
}

function Figures({ name, value, unit, before = null }: FiguresProps) {
  const hasValue = value !== '–'
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {unit !== undefined && hasValue && <small>{unit}</small>}
        {before !== null && before !== value && hasValue && (
          <span class="was">
            <Icon name={Number(before) < Number(value) ? 'up' : 'down'} />
            {say('fromCard', { card: `${before} %` })}
          </span>
        )}
      </dd>
    </div>
  )
}

function Speaker({ card, chooser: { user, isMe } }: { readonly card: string; readonly chooser: Chooser }) {
  return (
    <span>
      <b>
        <CardFace card={card} />
      </b>
      <Figure figure={figureOf(user.avatar, user.name)} isMine={isMe} />
      <span class="who">
        <Name text={user.name} />
      </span>
    </span>
  )
}

function percent(share: number): string {
  return numeral(Math.round(share * 100))
}

/** The agreed estimate, or the proposed one. */
function captionOf({ accepted, suggestion, consensus }: Outcome): string {
  if (accepted !== null) return say('acceptedNow', { card: cardName(accepted) })
  if (suggestion === null || consensus !== null) return say('whatItSays')
  return say('suggested', { card: cardName(suggestion) })
}
