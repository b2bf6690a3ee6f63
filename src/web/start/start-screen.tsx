import { useSignal } from '@preact/signals'
import type { MagnaPPError } from '../../client/client.js'
import { RefusedScreen } from '../ends/refused-screen.js'
import { Bar } from '../parts/bar.js'
import { Say, say } from '../words/say.js'
import { Board } from './board.js'
import { OpenForm } from './open-form.js'
import { useTables } from './tables.js'

/** The start page: open a table, or join an open one. */
export function StartScreen() {
  const tables = useTables()
  const refused = useSignal<MagnaPPError | null>(null)
  const { capacity } = tables.value
  if (refused.value !== null) {
    return (
      <RefusedScreen
        error={refused.value}
        onAgain={() => {
          refused.value = null
        }}
      />
    )
  }
  return (
    <div class="page page--start">
      <a class="skip" href="#open">
        {say('openATable')}
      </a>
      <Bar>
        {capacity !== null && (
          <p class="places">
            <Say text="placesFree" count={capacity.max_sessions} free={<b>{capacity.available_slots}</b>} />
          </p>
        )}
      </Bar>
      <main class="start">
        <header class="hero">
          <h1>
            {say('motto1')}
            <br />
            {say('motto2')}
          </h1>
        </header>
        <OpenForm
          isFull={capacity?.at_capacity === true}
          onRefused={(error) => {
            refused.value = error
          }}
        />
        <Board tables={tables.value} />
      </main>
    </div>
  )
}
