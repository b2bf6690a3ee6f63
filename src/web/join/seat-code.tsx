import { useSignal } from '@preact/signals'
import { Field } from '../parts/field.js'
import { Icon } from '../parts/icon.js'
import { Refusal } from '../parts/refusal.js'
import { say } from '../words/say.js'

interface SeatCodeProps {
  readonly onCode: (code: string) => void
  readonly fault: unknown
}

/** For somebody who already has a seat, on another device. */
export function SeatCode({ onCode, fault }: SeatCodeProps) {
  const code = useSignal('')
  const take = (event: Event) => {
    event.preventDefault()
    const typed = code.value.replace(/[\s-]/g, '').toUpperCase()
    if (typed !== '') onCode(typed)
  }
  return (
    <details class="figd" open={fault !== null}>
      <summary>{say('sitAlready')}</summary>
      <form onSubmit={take} noValidate>
        <Field
          id="seat-code"
          label={say('seatCode')}
          value={code.value}
          maxLength={16}
          isInvalid={fault !== null}
          describedBy={fault === null ? 'seat-code-hint' : 'seat-code-fault seat-code-hint'}
          onInput={(text) => {
            code.value = text
          }}
        />
        <p class="note" id="seat-code-hint">
          {say('seatCodeHint')}
        </p>
        {fault !== null && <Refusal error={fault} id="seat-code-fault" />}
        <div class="two">
          <button class="txt" type="submit">
            <Icon name="phone" />
            {say('takeMySeat')}
          </button>
        </div>
      </form>
    </details>
  )
}
