import { useSignal } from '@preact/signals'
import { Gauge } from '../parts/gauge.js'
import { Icon } from '../parts/icon.js'
import { Refusal } from '../parts/refusal.js'
import { clockText, useTimeLeft } from '../server-clock.js'
import type { Table } from '../table/table.js'
import { Say, say } from '../words/say.js'
import { isReachable, seatLink } from './link.js'
import { QrCode } from './qr-code.js'

interface Code {
  readonly code: string
  readonly expires_at: string
}

const WHOLE_MS = 60_000

/** Moves the seat to a second device: a code to scan or type, valid for a minute and one use. Both devices stay. */
export function SeatMove({ table }: { readonly table: Table }) {
  const shown = useSignal<Code | null>(null)
  const leftMs = useTimeLeft(shown.value?.expires_at ?? null)
  const isBusy = useSignal(false)
  const fault = useSignal<unknown>(null)
  const ask = async () => {
    // A second code would end the first, whose answer may be the later one.
    if (isBusy.value) return
    isBusy.value = true
    fault.value = null
    try {
      shown.value = await table.client.commands.seatCode()
    } catch (error) {
      fault.value = error
    }
    isBusy.value = false
  }
  const isOver = shown.value === null || leftMs === 0
  return (
    <section class="inv" aria-labelledby="seat-title">
      {shown.value !== null && !isOver && <Shown id={table.client.sessionId} code={shown.value.code} />}
      <div class="invw">
        <h2 id="seat-title">{say('moveSeat')}</h2>
        {shown.value === null || isOver ? (
          <>
            <p class="note">{say(shown.value === null ? 'moveSeatNote' : 'seatCodeOver')}</p>
            <button class="txt" type="button" aria-disabled={isBusy.value} onClick={ask}>
              <Icon name="phone" />
              {say('showSeatCode')}
            </button>
          </>
        ) : (
          <>
            <p class="code" dir="ltr">
              <span class="vh">{say('seatCode')} </span>
              {inGroups(shown.value.code)}
            </p>
            <div class="timeleft">
              <Gauge share={leftMs / WHOLE_MS} steps={60} longEvery={10} />
              <p class="note">
                <Say text="seatCodeFor" time={<b class="tn">{clockText(leftMs)}</b>} />
              </p>
            </div>
          </>
        )}
        {fault.value !== null && <Refusal error={fault.value} />}
      </div>
    </section>
  )
}

function Shown({ id, code }: { readonly id: string; readonly code: string }) {
  const link = seatLink(id, code)
  if (!isReachable(link)) return <p class="note">{say('localOnly')}</p>
  return (
    <div class="qr--s">
      <QrCode text={link} label={say('qrOfSeat')} />
    </div>
  )
}

/** Easier to read aloud and to type. */
function inGroups(code: string): string {
  return code.replace(/^(.{4})(?=.)/, '$1 ')
}
