import { useSignal } from '@preact/signals'
import { useCallback } from 'preact/hooks'
import {
  type ClientOptions,
  createSession,
  findRoom,
  listSessions,
  MagnaPPError,
} from '../../client/client.js'
import { go } from '../address.js'
import { ownFigure, ownName } from '../device/preferences.js'
import { keepSeat } from '../device/seats.js'
import { askOnce } from '../device/unanswered.js'
import { avatarOf, figureOfName } from '../parts/figure-of.js'
import { Icon } from '../parts/icon.js'
import { Refusal } from '../parts/refusal.js'
import { ToStart } from '../parts/to-start.js'
import { useGone } from '../parts/use-gone.js'
import { useLooks } from '../parts/use-looks.js'
import { deckWish } from '../start/deck-wish.js'
import { say } from '../words/say.js'

interface OpenAgainProps {
  readonly name: string
  /** Its room; `null`: it had none. */
  readonly room: string | null
  readonly cards: readonly string[]
}

/** Ten minutes long: those who want to go on are back by then, or press the button. */
const LOOKS_MAX = 60

/** The way from a finished table to its replacement: one that somebody has already opened, or a new one. */
export function OpenAgain({ name, room, cards }: OpenAgainProps) {
  const reopened = useSignal<string | null>(null)
  const isBusy = useSignal(false)
  const fault = useSignal<unknown>(null)
  const gone = useGone()
  const look = useCallback(
    async (options?: ClientOptions) => {
      if (reopened.peek() === null) reopened.value = await reopenedAt(name, room, options)
      return reopened.peek()
    },
    [name, room, reopened],
  )
  // What could not be asked is asked again.
  const lookQuietly = useCallback((signal: AbortSignal) => look({ signal }).catch(() => {}), [look])
  useLooks(lookQuietly, LOOKS_MAX)
  const open = async () => {
    if (isBusy.value) return
    isBusy.value = true
    fault.value = null
    try {
      const path = await look()
      if (gone.current) return
      // Somebody else was faster.
      if (path !== null) return go(path)
      const creatorName = ownName.value || say('somebody')
      const figure = ownFigure.value ?? figureOfName(creatorName)
      const creation = {
        name,
        creatorName,
        creatorAvatar: avatarOf(figure),
        settings: deckWish(cards),
        ...(room !== null && { room }),
      }
      const client = await askOnce((options) => createSession(creation, options))
      if (client.seat !== null) keepSeat({ ...client.seat, name, room, cards, people: [creatorName] })
      await client.close()
      if (!gone.current) go(room === null ? `/s/${client.sessionId}` : `/r/${room}`)
    } catch (error) {
      if (gone.current) return
      if (error instanceof MagnaPPError && error.code === 'ROOM_TAKEN') return go(`/r/${room}`)
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
          <a class="main" href={reopened.value}>
            <span>{say('isReopened')}</span>
            <Icon name="right" />
          </a>
        )}
        <ToStart />
      </div>
    </>
  )
}

/** Where it was reopened; `null`: nowhere yet. */
async function reopenedAt(
  name: string,
  room: string | null,
  options?: ClientOptions,
): Promise<string | null> {
  if (room !== null) {
    const { session } = await findRoom(room, options)
    return session === null ? null : `/r/${room}`
  }
  const tables = await listSessions(options)
  const id = tables.find((table) => table.name === name)?.id
  return id === undefined ? null : `/s/${id}`
}
