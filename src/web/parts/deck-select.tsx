import { DECK_NAMES } from '../../client/client.js'
import type { WordKey } from '../words/catalogue.js'
import { say } from '../words/say.js'

/** A named deck. */
export type DeckName = (typeof DECK_NAMES)[number]

const NAMES: Readonly<Record<DeckName, WordKey>> = {
  magnapp: 'deckMagnapp',
  fibonacci: 'deckFibonacci',
  modified_fibonacci: 'deckModified',
  tshirt: 'deckSizes',
  powers_of_two: 'deckPowers',
}

interface DeckSelectProps {
  /** `null`: custom cards. */
  readonly name: DeckName | null
  readonly hasOwn: boolean
  /** Whether adjacent text already labels it. */
  readonly isUnlabelled?: boolean
  readonly isLocked?: boolean
  readonly onChoose: (name: DeckName | null) => void
}

/** The named decks, and custom cards where allowed. */
export function DeckSelect({
  name,
  hasOwn,
  isUnlabelled = false,
  isLocked = false,
  onChoose,
}: DeckSelectProps) {
  return (
    <label class="as as--wide">
      <span class={isUnlabelled ? 'vh' : undefined}>{say('deck')}</span>
      <select
        disabled={isLocked}
        value={name ?? 'own'}
        onChange={({ currentTarget: { value } }) =>
          onChoose(DECK_NAMES.find((known) => known === value) ?? null)
        }
      >
        {DECK_NAMES.map((known) => (
          <option key={known} value={known}>
            {say(NAMES[known])}
          </option>
        ))}
        {hasOwn && <option value="own">{say('deckOwn')}</option>}
      </select>
    </label>
  )
}
