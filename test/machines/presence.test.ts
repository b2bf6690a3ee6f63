import { createActor } from 'xstate'
import { type PresenceCommand, presenceMachine } from '../../machines/presence/machine.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const DEBOUNCE_MS = 2_000
const LEASE_MS = 75_000

/** One participant's presence on a simulated clock, with what the session was told. */
function presence() {
  const clock = new SimulatedClock()
  const actor = createActor(presenceMachine, { clock, input: { debounceMs: DEBOUNCE_MS, streams: 0 } })
  const told: string[] = []
  actor.on('*', ({ type }) => told.push(type))
  actor.start()
  const send = (...types: readonly Exclude<PresenceCommand['type'], 'heartbeat'>[]) => {
    for (const type of types) actor.send({ type })
  }
  const heartbeat = () => actor.send({ type: 'heartbeat', leaseMs: LEASE_MS })
  return { actor, clock, told, send, heartbeat }
}

describe('streams', () => {
  test('the last one to close starts the debounce; at its end the participant is lost', () => {
    const { clock, told, send } = presence()
    send('stream.opened', 'stream.opened', 'stream.closed')
    clock.increment(10 * DEBOUNCE_MS)
    expect(told).toEqual([])
    send('stream.closed')
    clock.increment(DEBOUNCE_MS - 1)
    expect(told).toEqual([])
    clock.increment(1)
    expect(told).toEqual(['lost'])
  })

  test('a page refresh within the debounce is nothing', () => {
    const { clock, told, send } = presence()
    send('stream.opened', 'stream.closed')
    clock.increment(DEBOUNCE_MS - 1)
    send('stream.opened')
    clock.increment(10 * DEBOUNCE_MS)
    expect(told).toEqual([])
  })

  test('a stream brings a lost participant back', () => {
    const { clock, told, send } = presence()
    send('stream.opened', 'stream.closed')
    clock.increment(DEBOUNCE_MS)
    send('stream.opened')
    expect(told).toEqual(['lost', 'restored'])
  })

  test('who never had one is not lost', () => {
    const { clock, told } = presence()
    clock.increment(1_000 * DEBOUNCE_MS)
    expect(told).toEqual([])
  })

  test('who reconnects without one is back without a word, and stays', () => {
    const { clock, told, send } = presence()
    send('stream.opened', 'stream.closed', 'reconnect')
    clock.increment(10 * DEBOUNCE_MS)
    expect(told).toEqual([])
    send('stream.opened', 'stream.closed')
    clock.increment(DEBOUNCE_MS)
    send('reconnect', 'stream.opened', 'stream.closed')
    clock.increment(DEBOUNCE_MS)
    expect(told).toEqual(['lost', 'lost'])
  })
})

describe('the heartbeat lease', () => {
  test('runs out to the millisecond, whatever the socket says, and ends the streams', () => {
    const { clock, told, send, heartbeat } = presence()
    send('stream.opened')
    heartbeat()
    clock.increment(LEASE_MS - 1)
    expect(told).toEqual([])
    clock.increment(1)
    expect(told).toEqual(['lost', 'lapsed'])
  })

  test('each heartbeat renews it', () => {
    const { clock, told, send, heartbeat } = presence()
    send('stream.opened')
    for (let beat = 0; beat < 5; beat += 1) {
      heartbeat()
      clock.increment(LEASE_MS - 1)
    }
    expect(told).toEqual([])
  })

  test('a heartbeat after it brings the participant back, on a new lease', () => {
    const { clock, told, heartbeat } = presence()
    heartbeat()
    clock.increment(LEASE_MS)
    heartbeat()
    expect(told).toEqual(['lost', 'lapsed', 'restored'])
    clock.increment(LEASE_MS)
    expect(told.slice(3)).toEqual(['lost', 'lapsed'])
  })

  test('a new stream after it brings the participant back without a lease', () => {
    const { clock, told, send, heartbeat } = presence()
    send('stream.opened')
    heartbeat()
    clock.increment(LEASE_MS)
    send('stream.closed', 'stream.opened')
    expect(told).toEqual(['lost', 'lapsed', 'restored'])
    clock.increment(10 * LEASE_MS)
    expect(told).toHaveLength(3)
  })

  test('a heartbeat within the debounce does not stop it', () => {
    const { clock, told, send, heartbeat } = presence()
    send('stream.opened')
    heartbeat()
    send('stream.closed')
    clock.increment(DEBOUNCE_MS / 2)
    heartbeat()
    clock.increment(DEBOUNCE_MS / 2)
    expect(told).toEqual(['lost'])
  })

  test('without a stream any more, a heartbeat alone brings nobody back', () => {
    const { clock, told, send, heartbeat } = presence()
    send('stream.opened', 'stream.closed')
    clock.increment(DEBOUNCE_MS)
    heartbeat()
    expect(told).toEqual(['lost'])
  })
})
