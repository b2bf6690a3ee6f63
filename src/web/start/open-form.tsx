import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { createSession, DECK, MagnaPPError } from '../../client/client.js'
import { go } from '../address.js'
import { ownFigure, ownName } from '../device/preferences.js'
import { keepSeat } from '../device/seats.js'
import { SCREENS } from '../ends/refused-screen.js'
import { DeckRuler } from '../parts/deck-ruler.js'
import { Field } from '../parts/field.js'
import { Figure } from '../parts/figure.js'
import { FigureChoice } from '../parts/figure-choice.js'
import { avatarOf, figureOfName } from '../parts/figure-of.js'
import { Icon } from '../parts/icon.js'
import { Refusal } from '../parts/refusal.js'
import { say } from '../words/say.js'

interface OpenFormProps {
  readonly isFull: boolean
  readonly onRefused: (error: MagnaPPError) => void
}

/** Opens a table: two names, and what can be left as it is. */
export function OpenForm({ isFull, onRefused }: OpenFormProps) {
  const name = useSignal(ownName.value)
  const table = useSignal('')
  const isBusy = useSignal(false)
  const fault = useSignal<unknown>(null)
  const inputs = { name: useRef<HTMLInputElement>(null), table: useRef<HTMLInputElement>(null) }
  const figure = ownFigure.value ?? figureOfName(name.value)
  const open = async (event: Event) => {
    event.preventDefault()
    if (name.value.trim() === '') return inputs.name.current?.focus()
    if (table.value.trim() === '') return inputs.table.current?.focus()
    if (isBusy.value) return
    isBusy.value = true
    fault.value = null
    try {
      ownName.value = name.value.trim()
      const creation = { name: table.value, creatorName: name.value, creatorAvatar: avatarOf(figure) }
      const client = await createSession(creation)
      if (client.seat !== null)
        keepSeat({ ...client.seat, name: table.value, room: null, cards: DECK, people: [name.value] })
      await client.close()
      go(`/s/${client.sessionId}`)
    } catch (error) {
      isBusy.value = false
      if (error instanceof MagnaPPError && error.code in SCREENS) return onRefused(error)
      fault.value = error
    }
  }
  return (
    <section class="open" id="open" aria-labelledby="open-title">
      <h2 id="open-title">{say('openATable')}</h2>
      <form onSubmit={open} noValidate>
        <Field
          id="name"
          label={say('yourName')}
          value={name.value}
          autocomplete="nickname"
          maxLength={200}
          inputRef={inputs.name}
          before={<Figure figure={figure} isMine />}
          onInput={(text) => {
            name.value = text
          }}
        />
        <FigureChoice
          figure={figure}
          onChoose={(chosen) => {
            ownFigure.value = chosen
          }}
        />
        <Field
          id="table"
          label={say('nameOfTable')}
          value={table.value}
          maxLength={400}
          inputRef={inputs.table}
          onInput={(text) => {
            table.value = text
          }}
        />
        <details>
          <summary>
            {say('deck')} <span>{say('deckOf', { count: DECK.length })}</span>
          </summary>
          <DeckRuler cards={DECK} />
        </details>
        {fault.value !== null && <Refusal error={fault.value} />}
        {isFull && fault.value === null && <p class="note">{say('serverFullHint')}</p>}
        <button class="main" type="submit" aria-disabled={isBusy.value}>
          <span>{say('openTheTable')}</span>
          <Icon name="right" />
        </button>
      </form>
    </section>
  )
}
