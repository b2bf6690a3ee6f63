import { createActor } from 'xstate'
import type { SessionId } from '../../machines/ids.js'
import { admission, type SessionCensus } from '../../machines/supervisor/admission.js'
import {
  RESTART_WINDOW_MS,
  RESTARTS_MAX,
  type SupervisorEmitted,
  supervisorMachine,
} from '../../machines/supervisor/machine.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const DESERTED_MS = 120_000
const id = (name: string) => name as SessionId

/** A supervisor on a simulated clock, with what it asked of the runtime. */
function supervisor(sessionsMax: number) {
  const clock = new SimulatedClock()
  const actor = createActor(supervisorMachine, {
    clock,
    input: { sessionsMax, desertedMs: DESERTED_MS },
  })
  const asked: SupervisorEmitted[] = []
  actor.on('*', (emitted) => asked.push(emitted))
  actor.start()
  const admit = (name: string, census: readonly SessionCensus[] = []) =>
    actor.send({ type: 'session.admit', id: id(name), at: clock.now(), census })
  const fail = (name: string) => actor.send({ type: 'session.failed', id: id(name), at: clock.now() })
  const state = () => actor.getSnapshot().value
  return { actor, clock, asked, admit, fail, state }
}

const busy = (name: string): SessionCensus => ({ id: id(name), emptySince: null })

describe('admission', () => {
  const limits = { sessionsMax: 2, desertedMs: DESERTED_MS }

  test('a free place is given', () => {
    expect(admission(limits, [busy('a')], 0)).toEqual({ evicted: null })
  })

  test('at the cap it is refused', () => {
    expect(admission(limits, [busy('a'), busy('b')], 0)).toMatchObject({ code: 'MAX_SESSIONS_REACHED' })
  })

  test.each([
    ['one millisecond before', DESERTED_MS - 1, 0, null],
    ['when the time is up', DESERTED_MS, 0, 'b'],
    ['when somebody is present', DESERTED_MS, null, null],
  ])('a deserted session gives its place: %s', (_name, at, emptySince, evicted) => {
    const verdict = admission(limits, [busy('a'), { id: id('b'), emptySince }], at)
    expect('evicted' in verdict ? verdict.evicted : null).toBe(evicted)
  })

  test('of several, the one deserted longest', () => {
    const deserted = (name: string, emptySince: number) => ({ id: id(name), emptySince })
    expect(admission(limits, [deserted('a', 2), deserted('b', 1)], DESERTED_MS + 2)).toEqual({ evicted: 'b' })
  })

  test('with DESERTED_MINUTES=0 never', () => {
    const sessions = [{ id: id('a'), emptySince: 0 }]
    expect(admission({ sessionsMax: 1, desertedMs: 0 }, sessions, DESERTED_MS)).toMatchObject({
      code: 'MAX_SESSIONS_REACHED',
    })
  })
})

describe('the supervisor', () => {
  test('is full at the cap, and accepting again at once when a session ends', () => {
    const { actor, admit, state } = supervisor(2)
    expect(state()).toEqual({ running: 'accepting' })
    admit('a')
    admit('b')
    expect(state()).toMatchObject({ running: 'full' })
    actor.send({ type: 'session.retire', id: id('a') })
    expect(state()).toMatchObject({ running: 'accepting' })
  })

  test('never holds more than the cap, whoever asks', () => {
    const { actor, admit } = supervisor(2)
    admit('a')
    admit('b', [busy('a')])
    admit('c', [busy('a'), busy('b')])
    expect(actor.getSnapshot().context.sessions).toEqual(['a', 'b'])
  })

  test('replaces a deserted session and says which', () => {
    const { actor, clock, admit, asked } = supervisor(1)
    admit('a')
    clock.increment(DESERTED_MS)
    asked.length = 0
    admit('b', [{ id: id('a'), emptySince: 0 }])
    expect(actor.getSnapshot().context.sessions).toEqual(['b'])
    expect(asked).toEqual([{ type: 'session_evicted', id: 'a' }])
  })

  test('warns once each time it gets to one free place, and to none', () => {
    const { actor, admit, asked } = supervisor(3)
    admit('a')
    expect(asked).toEqual([])
    admit('b')
    admit('c')
    expect(asked).toEqual([
      { type: 'capacity_warning', active: 2, max: 3 },
      { type: 'capacity_warning', active: 3, max: 3 },
    ])
    actor.send({ type: 'session.retire', id: id('c') })
    expect(asked).toHaveLength(2)
    admit('d')
    expect(asked).toHaveLength(3)
  })

  test('restarts a failed session three times a minute and then gives it up', () => {
    const { clock, fail, asked } = supervisor(2)
    for (let failure = 0; failure < RESTARTS_MAX; failure += 1) fail('a')
    fail('b')
    expect(asked.map(({ type }) => type)).toEqual(new Array(RESTARTS_MAX + 1).fill('restart_due'))
    clock.increment(RESTART_WINDOW_MS - 1)
    fail('a')
    expect(asked.at(-1)).toEqual({ type: 'restart_refused', id: 'a' })
    clock.increment(1)
    fail('a')
    expect(asked.at(-1)).toEqual({ type: 'restart_due', id: 'a' })
  })

  test('draining admits nobody; stopped is the end', () => {
    const { actor, clock, admit, state } = supervisor(2)
    actor.send({ type: 'server.drain' })
    admit('a')
    expect(actor.getSnapshot().context.sessions).toEqual([])
    expect(state()).toMatchObject({ running: 'draining' })
    actor.send({ type: 'server.stop' })
    expect(actor.getSnapshot().status).toBe('done')
    expect(clock.pending).toBe(0)
  })
})
