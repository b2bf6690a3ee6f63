import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { createSession, listSessions } from '../../client/client.js'
import { go } from '../address.js'
import { ownFigure, ownName } from '../device/preferences.js'
import { keepSeat } from '../device/seats.js'
import { avatarOf, figureOfName } from '../parts/figure-of.js'
import { Icon } from '../parts/icon.js'
import { Refusal } from '../parts/refusal.js'
import { ToStart } from '../parts/to-start.js'
import { say } from '../words/say.js'

/** The way on from a table that is over: to the one that somebody has opened in its stead, or a new one. */
export function OpenAgain({ name }: { readonly name: string }) {
  const reopened = useSignal<string | null>(null)
  const isBusy = useSignal(false)
  const fault = useSignal<unknown>(null)
  useEffect(() => {
    const abort = new AbortController()
    listSessions(abort).then(
      (tables) => {
        reopened.value = tables.find((table) => table.name === name)?.id ?? null
      },
      () => {},
    )
    return () => abort.abort()
  }, [name, reopened])
  const open = async () => {
    if (isBusy.value) return
    isBusy.value = true
    fault.value = null
    try {
      const creatorName = ownName.value || say('somebody')
      const figure = ownFigure.value ?? figureOfName(creatorName)
      const client = await createSession({ name, creatorName, creatorAvatar: avatarOf(figure) })
      if (client.seat !== null)
        keepSeat({ ...client.seat, name, room: null, cards: [], people: [creatorName] })
      await client.close()
      go(`/s/${client.sessionId}`)
    } catch (error) {
      fault.value = error
      isBusy.value = false
    }
  }
  return (
    <>
      {fault.value !== null && <Refusal error={fault.value} />}
      <div class="two">
        {reopened.value === null ? (
          <button class="main" type="button" aria-disabled={isBusy.value} onClick={open}>
            <span>{say('openAgain')}</span>
            <Icon name="door" />
          </button>
        ) : (
          <a class="main" href={`/s/${reopened.value}`}>
            <span>{say('isReopened')}</span>
            <Icon name="right" />
          </a>
        )}
        <ToStart />
      </div>
    </>
  )
}
