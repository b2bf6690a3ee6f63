import { say } from '../words/say.js'
import { CardFace } from './card-face.js'
import { Ticks } from './ticks.js'

/** A preview of a deck. */
export function DeckRuler({ cards }: { readonly cards: readonly string[] }) {
  return (
    <ol class="ruler" aria-label={say('deck')} style={{ '--n': cards.length }}>
      {cards.map((card, index) => (
        <li key={card}>
          <Ticks cards={cards} index={index} />
          {card === 'coffee' && <span class="vh">{say('coffee')}</span>}
          <CardFace card={card} />
        </li>
      ))}
    </ol>
  )
}
