import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { findRoom, MagnaPPError } from '../client/client.js'
import { seatInRoom } from './device/seats.js'
import { askAgain } from './device/unanswered.js'
import { NowhereScreen } from './ends/nowhere-screen.js'
import type { RoomPlace } from './place.js'
import { SessionScreen } from './session-screen.js'
import { EmptyRoomScreen } from './start/empty-room-screen.js'

/** What is in a room. `unknown`: the server was not reached and nothing is remembered. */
type Behind =
  | { readonly type: 'asking' | 'empty' | 'nowhere' | 'unknown' }
  | { readonly type: 'table'; readonly id: string }

const AGAIN_MS = 2_000

/** A room: today's table, or an empty room that anybody may open. */
export function RoomScreen({ here }: { readonly here: RoomPlace }) {
  const behind = useSignal<Behind>({ type: 'asking' })
  useEffect(() => {
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async () => {
      const found = await lookBehind(here.room, abort.signal)
      if (abort.signal.aborted) return
      behind.value = found
      if (found.type === 'unknown') timer = setTimeout(look, AGAIN_MS)
    }
    void askAgain((_url, body) => body.includes(`"room":"${here.room}"`)).then(look)
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [here, behind])
  switch (behind.value.type) {
    case 'asking':
      return null
    case 'table':
      return <SessionScreen key={behind.value.id} id={behind.value.id} />
    case 'nowhere':
      return <NowhereScreen />
    default:
      return <EmptyRoomScreen room={here.room} isReached={behind.value.type === 'empty'} />
  }
}

async function lookBehind(room: string, signal: AbortSignal): Promise<Behind> {
  try {
    const { session } = await findRoom(room, { signal })
    return session === null ? { type: 'empty' } : { type: 'table', id: session.id }
  } catch (error) {
    if (error instanceof MagnaPPError && error.status === 422) return { type: 'nowhere' }
    const seat = seatInRoom(room)
    return seat === null ? { type: 'unknown' } : { type: 'table', id: seat.sessionId }
  }
}
