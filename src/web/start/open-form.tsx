import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { createSession, DECK, MagnaPPError, NAMED_DECKS } from '../../client/client.js'
import { go } from '../address.js'
import { ownFigure, ownName } from '../device/preferences.js'
import { type KeptSeat, keepSeat } from '../device/seats.js'
import { askOnce } from '../device/unanswered.js'
import { SCREENS } from '../ends/refused-screen.js'
import { DeckRuler } from '../parts/deck-ruler.js'
import { DeckSelect } from '../parts/deck-select.js'
import { Field } from '../parts/field.js'
import { Figure } from '../parts/figure.js'
import { FigureChoice } from '../parts/figure-choice.js'
import { avatarOf, figureOfName } from '../parts/figure-of.js'
import { Icon } from '../parts/icon.js'
import { Refusal } from '../parts/refusal.js'
import { useGone } from '../parts/use-gone.js'
import { say } from '../words/say.js'
import { deckWish, nameOf } from './deck-wish.js'
import { roomOf } from './room-name.js'

interface OpenFormProps {
  readonly isFull: boolean
  readonly onRefused: (error: MagnaPPError) => void
  /** The room to open, which then need not be entered. */
  readonly room?: string
  /** The seat there last time, to fill in the same values. */
  readonly last?: KeptSeat | null
  /** A note under the heading. */
  readonly note?: string
}

/** Opens a table: two names, and optional settings. */
export function OpenForm({ isFull, onRefused, room = '', last = null, note = '' }: OpenFormProps) {
  const name = useSignal(ownName.value)
  const table = useSignal(last?.name ?? '')
  const link = useSignal(room)
  const isBusy = useSignal(false)
  const fault = useSignal<unknown>(null)
  const gone = useGone()
  const inputs = {
    name: useRef<HTMLInputElement>(null),
    table: useRef<HTMLInputElement>(null),
    link: useRef<HTMLInputElement>(null),
  }
  const figure = ownFigure.value ?? figureOfName(name.value)
  const cards = useSignal(last !== null && last.cards.length > 0 ? last.cards : DECK)
  const open = async (event: Event) => {
    event.preventDefault()
    if (name.value.trim() === '') return inputs.name.current?.focus()
    if (table.value.trim() === '') return inputs.table.current?.focus()
    if (link.value.trim() !== '' && roomOf(link.value) === null) return inputs.link.current?.focus()
    if (isBusy.value) return
    isBusy.value = true
    fault.value = null
    try {
      ownName.value = name.value.trim()
      const inRoom = roomOf(link.value)
      const creation = {
        name: table.value,
        creatorName: name.value,
        creatorAvatar: avatarOf(figure),
        ...(inRoom !== null && { room: inRoom }),
        settings: deckWish(cards.value),
      }
      const client = await askOnce((options) => createSession(creation, options))
      if (client.seat !== null)
        keepSeat({
          ...client.seat,
          name: table.value,
          room: inRoom,
          cards: cards.value,
          people: [name.value],
        })
      await client.close()
      if (!gone.current) go(inRoom === null ? `/s/${client.sessionId}` : `/r/${inRoom}`)
    } catch (error) {
      isBusy.value = false
      if (gone.current) return
      // Somebody else was faster and opened it for everybody.
      if (error instanceof MagnaPPError && error.code === 'ROOM_TAKEN' && room !== '') return go(`/r/${room}`)
      if (error instanceof MagnaPPError && error.code in SCREENS) return onRefused(error)
      fault.value = error
    }
  }
  return (
    <section class="open" id="open" aria-labelledby="open-title">
      {room === '' ? (
        <h2 id="open-title">{say('openATable')}</h2>
      ) : (
        <h1 id="open-title">{say('openTheRoom')}</h1>
      )}
      {note !== '' && <p class="note">{note}</p>}
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
        {room === '' && (
          <Field
            id="room"
            label={say('linkThatStays')}
            aside={say('optional')}
            value={link.value}
            maxLength={80}
            inputRef={inputs.link}
            prefix={`${location.host}/r/`}
            describedBy="room-hint"
            onInput={(text) => {
              link.value = text
            }}
          />
        )}
        {room === '' && link.value !== '' && link.value !== roomOf(link.value) && (
          <p class="note" id="room-hint">
            {roomOf(link.value) === null
              ? say('linkFault')
              : say('linkWillBe', { link: `/r/${roomOf(link.value)}` })}
          </p>
        )}
        <details>
          <summary>
            {say('deck')} <span>{say('deckOf', { count: cards.value.length })}</span>
          </summary>
          <DeckRuler cards={cards.value} />
          <DeckSelect
            name={nameOf(cards.value)}
            hasOwn={nameOf(cards.value) === null}
            isUnlabelled
            onChoose={(chosen) => {
              if (chosen !== null) cards.value = NAMED_DECKS[chosen]
            }}
          />
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
