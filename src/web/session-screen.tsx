import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { DECK, resumeSession, type SessionClient, takeSeat, watchSession } from '../client/client.js'
import { dropFragment, panel } from './address.js'
import { beside } from './beside.js'
import { ownName } from './device/preferences.js'
import { forgetSeat, keepSeat, seatAt } from './device/seats.js'
import { askAgain } from './device/unanswered.js'
import { EndScreen } from './ends/end-screen.js'
import { JoinScreen } from './join/join-screen.js'
import { silence } from './live/announcer.js'
import { useGone } from './parts/use-gone.js'
import { attend } from './table/attend.js'
import { topicOf } from './table/narrator.js'
import { Table } from './table/table.js'
import { TableScreen } from './table/table-screen.js'
import { cardsOf } from './table/view.js'

/** A session: its table for people with a seat, the form to join for others. */
export function SessionScreen({ id }: { readonly id: string }) {
  const table = useSignal<Table | null>(null)
  const isWatching = useSignal(false)
  const gone = useGone()
  const follow = (next: Table) => {
    table.peek()?.close()
    table.value = next
    // Somebody who went elsewhere meanwhile keeps the seat, but is not there.
    if (gone.current) next.close()
  }
  const enter = () => follow(openTable(id))
  const seatFault = useSignal<unknown>(null)
  const takeOver = async (code: string) => {
    seatFault.value = null
    try {
      follow(seated(await takeSeat(id, code), table.peek()?.session.peek()?.name ?? ''))
    } catch (error) {
      seatFault.value = error
    }
  }
  useEffect(() => {
    const [, code] = /^#seat=([\w-]{1,32})$/.exec(location.hash) ?? []
    enter()
    if (code !== undefined) {
      dropFragment()
      void takeOver(code)
    }
    return () => table.peek()?.close()
  }, [id])
  useEffect(() => {
    if (isWatching.value) return
    // Another tab of this browser may take a seat.
    const look = () => {
      if (table.peek()?.seat === null && seatAt(id) !== null) enter()
    }
    void askAgain((url) => url.endsWith(`/${id}/join`)).then(look)
    addEventListener('storage', look)
    return () => removeEventListener('storage', look)
  }, [id, isWatching.value])
  const current = table.value
  useEffect(() => (current === null || current.seat === null ? undefined : attend(current)), [current])
  if (current === null) return null
  const ending = current.ending.value
  if (ending !== null) {
    const again = () => {
      forgetSeat(id)
      enter()
    }
    const session = current.session.value
    return (
      <EndScreen
        sessionId={id}
        ending={ending}
        failure={current.failure.value}
        name={session?.name ?? current.seat?.name ?? ''}
        room={session?.room ?? current.seat?.room ?? null}
        cards={session === null ? (current.seat?.cards ?? []) : cardsOf(session)}
        people={othersAt(current)}
        onJoinAgain={again}
      />
    )
  }
  if (current.seat !== null || isWatching.value) {
    const name = panel.value
    // The table stays until the script is loaded.
    const Instead = name === null || name === 'stories' ? undefined : beside.value?.[name]
    if (Instead !== undefined) return <Instead table={current} />
    return (
      <TableScreen
        table={current}
        onSit={() => {
          isWatching.value = false
        }}
      />
    )
  }
  return (
    <JoinScreen
      table={current}
      onWatch={() => {
        isWatching.value = true
      }}
      onCode={takeOver}
      seatFault={seatFault.value}
      onSeated={(client) => follow(seated(client, current.session.value?.name ?? ''))}
    />
  )
}

/** The names of the others; of a table that the server has forgotten, only names are known. */
function othersAt({ session, seat, ownId }: Table): readonly string[] {
  const { participants } = session.value ?? {}
  if (participants === undefined) return seat?.people.filter((name) => name !== ownName.value) ?? []
  return participants.filter(({ id }) => id !== ownId).map(({ name }) => name)
}

function openTable(id: string): Table {
  const seat = seatAt(id)
  return new Table(seat === null ? watchSession(id) : resumeSession(seat), seat)
}

/** The client that joined becomes the table's. */
function seated(client: SessionClient, name: string): Table {
  const { seat } = client
  if (seat === null) return new Table(client, null)
  // Before the answer came, it was just somebody who joined.
  silence(topicOf(seat.userId))
  const kept = { ...seat, name, room: null, cards: DECK, people: [] }
  keepSeat(kept)
  return new Table(client, kept)
}
