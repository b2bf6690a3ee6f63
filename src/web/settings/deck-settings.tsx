import { useSignal } from '@preact/signals'
import { NAMED_DECKS, type SettingsView } from '../../client/client.js'
import { DeckRuler } from '../parts/deck-ruler.js'
import { DeckSelect } from '../parts/deck-select.js'
import { Field } from '../parts/field.js'
import { say } from '../words/say.js'
import type { Wanted } from './wanted-settings.js'

const CARDS_MIN = 2
const CARDS_MAX = 24

interface DeckProps {
  readonly settings: SettingsView
  readonly isLocked: boolean
  readonly onChange: (changed: Wanted) => void
}

/** The deck: a named one, or custom cards. */
export function DeckSettings({ settings: { deck }, isLocked, onChange }: DeckProps) {
  const isEditing = useSignal(deck.name === null)
  const text = useSignal(deck.cards.join(' '))
  const own = cardsIn(text.value)
  const isValid = own.length >= CARDS_MIN && own.length <= CARDS_MAX
  return (
    <div class="deckset">
      <DeckRuler cards={isEditing.value && isValid ? own : deck.cards} />
      <div class="two">
        <DeckSelect
          name={isEditing.value ? null : deck.name}
          hasOwn
          isLocked={isLocked}
          onChoose={(name) => {
            isEditing.value = name === null
            if (name === null) return
            text.value = NAMED_DECKS[name].join(' ')
            onChange({ deck: { name, cards: [...NAMED_DECKS[name]] } })
          }}
        />
        {isLocked && <p class="note">{say('notWhileOpen')}</p>}
      </div>
      {isEditing.value && !isLocked && (
        <div class="owncards">
          <Field
            id="own-cards"
            label={say('ownCards')}
            aside={say('ownCardsHint')}
            value={text.value}
            isInvalid={!isValid}
            onInput={(value) => {
              text.value = value
            }}
          />
          <button
            class="txt"
            type="button"
            aria-disabled={!isValid}
            onClick={() => isValid && onChange({ deck: { name: null, cards: own } })}
          >
            {say('useCards', { count: own.length })}
          </button>
        </div>
      )}
    </div>
  )
}

/** Parses typed cards, separated by spaces or commas. */
function cardsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((card) => card !== ''))]
}
