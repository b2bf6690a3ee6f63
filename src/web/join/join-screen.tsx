import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { joinSession, MagnaPPError, resumeSession, type SessionClient } from '../../client/client.js'
import { ownFigure, ownName } from '../device/preferences.js'
import { seatAt } from '../device/seats.js'
import { askOnce } from '../device/unanswered.js'
import { RefusedScreen, SCREENS } from '../ends/refused-screen.js'
import { Bar } from '../parts/bar.js'
import { Field } from '../parts/field.js'
import { Figure } from '../parts/figure.js'
import { FigureChoice } from '../parts/figure-choice.js'
import { avatarOf, figureOfName } from '../parts/figure-of.js'
import { Icon } from '../parts/icon.js'
import { Refusal } from '../parts/refusal.js'
import type { Table } from '../table/table.js'
import { say } from '../words/say.js'
import { Peek } from './peek.js'
import { SeatCode } from './seat-code.js'

interface JoinProps {
  /** The table, watched without a seat. */
  readonly table: Table
  readonly onSeated: (client: SessionClient) => void
  readonly onWatch: () => void
  /** Continues in one's own seat, with a code from another device. */
  readonly onCode: (code: string) => void
  /** Why the seat could not be taken over; `null`: not tried, or it succeeded. */
  readonly seatFault: unknown
}

/** Shows the current table and a one-line form to join it. */
export function JoinScreen({ table, onSeated, onWatch, onCode, seatFault }: JoinProps) {
  const session = table.session.value
  const refused = useSignal<MagnaPPError | null>(null)
  if (refused.value !== null) {
    return (
      <RefusedScreen
        error={refused.value}
        name={session?.name ?? ''}
        onWatch={onWatch}
        onAgain={() => {
          refused.value = null
        }}
      />
    )
  }
  return (
    <div class="page page--join">
      <a class="skip" href="#join">
        {say('toTheForm')}
      </a>
      <Bar table={session?.name ?? ''} />
      <main class="join">
        <section class="joinf" aria-labelledby="join-title">
          <h1 id="join-title">{say('takeASeat')}</h1>
          <JoinForm
            table={table}
            onSeated={onSeated}
            onWatch={onWatch}
            onRefused={(error) => {
              refused.value = error
            }}
          />
          <SeatCode onCode={onCode} fault={seatFault} />
        </section>
        <Peek table={table} />
      </main>
    </div>
  )
}

interface JoinFormProps extends Pick<JoinProps, 'table' | 'onSeated' | 'onWatch'> {
  readonly onRefused: (error: MagnaPPError) => void
}

function JoinForm({ table, onSeated, onWatch, onRefused }: JoinFormProps) {
  const name = useSignal(ownName.value)
  const isKnown = useRef(ownName.value !== '')
  const isBusy = useSignal(false)
  const fault = useSignal<unknown>(null)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const { sessionId } = table.client
  const figure = ownFigure.value ?? figureOfName(name.value)
  const isTaken = table.session.value?.participants.some((user) => sameName(user.name, name.value)) === true
  const join = async (event: Event) => {
    event.preventDefault()
    if (name.value.trim() === '') return input.current?.focus()
    if (isBusy.value) return
    isBusy.value = true
    fault.value = null
    try {
      ownName.value = name.value.trim()
      const joining = { userName: name.value, userAvatar: avatarOf(figure) }
      // Another tab of this browser may have taken one.
      const seat = seatAt(sessionId)
      onSeated(
        seat === null
          ? await askOnce((options) => joinSession(sessionId, joining, options))
          : resumeSession(seat),
      )
    } catch (error) {
      if (error instanceof MagnaPPError && error.code in SCREENS) return onRefused(error)
      fault.value = error
      isBusy.value = false
    }
  }
  return (
    <form id="join" onSubmit={join} noValidate>
      <div>
        <Field
          id="name"
          label={say('yourName')}
          value={name.value}
          autocomplete="nickname"
          maxLength={200}
          describedBy={fault.value === null ? 'name-hint' : 'name-fault name-hint'}
          isInvalid={fault.value !== null}
          inputRef={input}
          before={<Figure figure={figure} isMine />}
          onInput={(text) => {
            name.value = text
          }}
        />
        <p class="note" id="name-hint">
          {isTaken ? say('nameTaken') : isKnown.current ? say('nameKnown') : say('nameHint')}
        </p>
      </div>
      {fault.value !== null && <Refusal error={fault.value} id="name-fault" />}
      <details class="figd">
        <summary>{say('changeFigure')}</summary>
        <FigureChoice
          figure={figure}
          onChoose={(chosen) => {
            ownFigure.value = chosen
          }}
        />
      </details>
      <div class="two">
        <button class="main" type="submit" aria-disabled={isBusy.value}>
          <span>{say('join')}</span>
          <Icon name="right" />
        </button>
        <button class="txt" type="button" onClick={onWatch}>
          <Icon name="eye" />
          {say('justWatch')}
        </button>
      </div>
    </form>
  )
}

/** Names that look the same: only a hint, since two people may have one name. */
function sameName(one: string, other: string): boolean {
  const plain = (text: string) => text.trim().normalize('NFKC').toLocaleLowerCase()
  return other.trim() !== '' && plain(one) === plain(other)
}
