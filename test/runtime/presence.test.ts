import fc from 'fast-check'
import { createActor } from 'xstate'
import type { UserId } from '../../machines/ids.js'
import { type PresenceCommand, presenceMachine } from '../../machines/presence/machine.js'
import { Presence } from '../../src/runtime/presence.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const USER = '00000000-0000-4000-8000-000000000001' as UserId
const DEBOUNCE_MS = 2_000
const LEASE_MS = 5_000

type Step = PresenceCommand['type'] | 'time'

/** What the chart alone says to these steps, from the first to the last. */
function byActor(steps: readonly Step[]): string[] {
  const clock = new SimulatedClock()
  const said: string[] = []
  const actor = createActor(presenceMachine, { clock, input: { debounceMs: DEBOUNCE_MS, streams: 0 } })
  actor.on('*', ({ type }) => said.push(`${clock.now()} ${type}`))
  actor.start()
  for (const step of steps) {
    if (step === 'time') clock.increment(1_500)
    else actor.send(step === 'heartbeat' ? { type: step, leaseMs: LEASE_MS } : { type: step })
  }
  return said
}

function byPresence(steps: readonly Step[]): string[] {
  const clock = new SimulatedClock()
  const said: string[] = []
  const say = (type: string) => () => said.push(`${clock.now()} ${type}`)
  const presence = new Presence(clock, DEBOUNCE_MS, {
    lost: say('lost'),
    restored: say('restored'),
    cutStreams: say('lapsed'),
  })
  const take: Readonly<Record<Step, () => void>> = {
    time: () => clock.increment(1_500),
    'stream.opened': () => presence.streamOpened(USER),
    'stream.closed': () => presence.streamClosed(USER),
    heartbeat: () => presence.heartbeat(USER, LEASE_MS),
    reconnect: () => presence.reconnected(USER),
  }
  for (const step of steps) take[step]()
  return said
}

test('when the session is over, streams that close afterwards concern nobody', () => {
  const clock = new SimulatedClock()
  const said: string[] = []
  const presence = new Presence(clock, DEBOUNCE_MS, {
    lost: () => said.push('lost'),
    restored: () => said.push('restored'),
    cutStreams: () => said.push('lapsed'),
    made: () => said.push('made'),
  })
  presence.streamOpened(USER)
  presence.stop()
  presence.streamClosed(USER)
  clock.increment(DEBOUNCE_MS)
  expect(said).toEqual([])
})

test('a participant at rest without an actor is told of as with one', () => {
  const step = fc.constantFrom<Step>('time', 'stream.opened', 'stream.closed', 'heartbeat', 'reconnect')
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      expect(byPresence(steps)).toEqual(byActor(steps))
    }),
    { numRuns: 500 },
  )
})
