import { useSignal } from '@preact/signals'
import type { MagnaPPError } from '../../client/client.js'
import { seatInRoom } from '../device/seats.js'
import { RefusedScreen } from '../ends/refused-screen.js'
import { Bar } from '../parts/bar.js'
import { List, Say, say } from '../words/say.js'
import { OpenForm } from './open-form.js'

interface EmptyRoomProps {
  readonly room: string
  /** Whether the server said that nobody is there; otherwise it is out of reach. */
  readonly isReached: boolean
}

/** A room without a table: whoever comes first opens one, with the names of last time filled in. */
export function EmptyRoomScreen({ room, isReached }: EmptyRoomProps) {
  const refused = useSignal<MagnaPPError | null>(null)
  if (refused.value !== null) {
    const again = () => {
      refused.value = null
    }
    return <RefusedScreen error={refused.value} onAgain={again} />
  }
  const last = seatInRoom(room)
  const others = last?.people.filter((name) => name !== '') ?? []
  return (
    <div class="page page--join">
      <a class="skip" href="#open">
        {say('openTheRoom')}
      </a>
      <Bar table={last?.name ?? room} />
      <main class="join">
        <OpenForm
          room={room}
          last={last}
          note={say(isReached ? 'roomEmpty' : 'notReachedYet')}
          isFull={false}
          onRefused={(error) => {
            refused.value = error
          }}
        />
        <section class="peek" aria-labelledby="room-title">
          <p class="cap">{say('theRoom')}</p>
          <h2 id="room-title" class="url">
            <bdi>{room}</bdi>
          </h2>
          {others.length > 1 && (
            <p class="note">
              <Say text="lastTime" names={<List items={others.map((name) => <bdi>{name}</bdi>)} />} />
            </p>
          )}
        </section>
      </main>
    </div>
  )
}
