import { place } from './address.js'
import { NowhereScreen } from './ends/nowhere-screen.js'
import { RoomScreen } from './room-screen.js'
import { SessionScreen } from './session-screen.js'
import { StartScreen } from './start/start-screen.js'

/** Shows the screen for the address. */
export function Page() {
  const here = place.value
  switch (here.type) {
    case 'start':
      return <StartScreen />
    case 'session':
      return <SessionScreen key={here.id} id={here.id} />
    case 'room':
      return <RoomScreen key={here.room} here={here} />
    default:
      return <NowhereScreen />
  }
}
