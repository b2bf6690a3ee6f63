import { createActor } from 'xstate'
import type { SessionId } from '../../machines/ids.js'
import { admission, desertedLongest } from '../../machines/supervisor/admission.js'
import { RESTART_WINDOW_MS, RESTARTS_MAX, supervisorMachine } from '../../machines/supervisor/machine.js'

const DESERTED_MS = 120_000
const HOME = 'home'
const id = (name: string) => name as SessionId

/** A supervisor to ask, and what it answers. */
function supervisor(sessionsMax: number, sessionsPerAddressMax = 0) {
  const input = { sessionsMax, sessionsPerAddressMax, desertedMs: DESERTED_MS }
  const actor = createActor(supervisorMachine, { input })
  // What a step throws surfaces at the next question, instead of as an uncaught error later on.
  actor.subscribe({ error: () => {} })
  actor.start()
  const snapshot = () => {
    const { status, error, context, value } = actor.getSnapshot()
    if (status === 'error') throw error
    return { context, value }
  }
  const verdict = () => snapshot().context.verdict
  const admit = (deserted: SessionId | null = null, address = HOME) => {
    actor.send({ type: 'session.admit', address, inRoom: null, deserted })
    return verdict()
  }
  const fail = (name: string, at: number) => {
    actor.send({ type: 'session.failed', id: id(name), at })
    return verdict()
  }
  const retire = (name = 'any', address = HOME) =>
    actor.send({ type: 'session.retire', id: id(name), address })
  const active = () => snapshot().context.active
  const state = () => snapshot().value
  return { actor, admit, fail, retire, active, state }
}

const admitted = (evicted: SessionId | null) => ({ type: 'admitted', evicted })

describe('admission', () => {
  const limits = { sessionsMax: 2, sessionsPerAddressMax: 0, desertedMs: DESERTED_MS }

  test.each([
    ['a free slot is given', { inRoom: null, active: 1, ofAddress: 1, deserted: null }, { evicted: null }],
    [
      'at the cap it is refused',
      { inRoom: null, active: 2, ofAddress: 0, deserted: null },
      {
        code: 'MAX_SESSIONS_REACHED',
        detail: 'This server has reached its limit of sessions (2).',
        facts: { sessions: 2, sessionsMax: 2 },
      },
    ],
    [
      'a deserted session gives up its slot',
      { inRoom: null, active: 2, ofAddress: 0, deserted: id('a') },
      { evicted: 'a' },
    ],
  ])('%s', (_name, occupancy, expected) => {
    expect(admission(limits, occupancy)).toEqual(expected)
  })

  test('a room that is taken is refused before anything else, and the refusal says by which session', () => {
    const occupancy = { inRoom: id('a'), active: 2, ofAddress: 0, deserted: id('a') }
    expect(admission(limits, occupancy)).toEqual({
      code: 'ROOM_TAKEN',
      detail: 'There is already a session in this room.',
      facts: { sessionId: 'a' },
    })
  })

  test('an address has its own limit, checked before a slot is looked for', () => {
    const own = { ...limits, sessionsPerAddressMax: 1 }
    expect(admission(own, { inRoom: null, active: 0, ofAddress: 0, deserted: null })).toEqual({
      evicted: null,
    })
    expect(admission(own, { inRoom: null, active: 1, ofAddress: 1, deserted: id('a') })).toEqual({
      code: 'MAX_SESSIONS_REACHED',
      detail: 'Your address has reached its limit of open sessions (1).',
      facts: { sessions: 1, sessionsMax: 1 },
    })
  })

  test.each([
    ['one millisecond before', DESERTED_MS - 1, 0, null],
    ['when the time is up', DESERTED_MS, 0, 'b'],
    ['when somebody is present', DESERTED_MS, null, null],
  ])('a session is deserted: %s', (_name, at, emptySince, expected) => {
    const sessions = [
      { id: id('a'), emptySince: null },
      { id: id('b'), emptySince },
    ]
    expect(desertedLongest(limits, sessions, at)).toBe(expected)
  })

  test('of several, the one deserted longest gives way; with DESERTED_MINUTES=0 none does', () => {
    const sessions = [
      { id: id('a'), emptySince: 2 },
      { id: id('b'), emptySince: 1 },
    ]
    expect(desertedLongest(limits, sessions, DESERTED_MS + 2)).toBe('b')
    expect(desertedLongest(limits, [...sessions].reverse(), DESERTED_MS + 2)).toBe('b')
    expect(desertedLongest({ desertedMs: 0 }, sessions, DESERTED_MS + 2)).toBeNull()
    const two = ['a', 'b'].map((name) => ({ id: id(name), emptySince: 1 }))
    expect(desertedLongest(limits, two, DESERTED_MS + 2)).toBe('a')
  })
})

describe('the supervisor', () => {
  test('is full at the cap, and accepts again as soon as a session ends', () => {
    const { admit, retire, state } = supervisor(2)
    expect(state()).toEqual({ running: 'accepting' })
    admit()
    admit()
    expect(state()).toEqual({ running: 'full' })
    retire()
    expect(state()).toEqual({ running: 'accepting' })
  })

  test('never holds more than the cap, whoever asks', () => {
    const { admit, active } = supervisor(2)
    const verdicts = [1, 2, 3].map(() => admit()?.type)
    expect(verdicts).toEqual(['admitted', 'admitted', 'refused'])
    expect(active()).toBe(2)
  })

  test('counts sessions that take a slot elsewhere', () => {
    const { actor, admit } = supervisor(3)
    admit()
    const ask = (elsewhere: number) => {
      actor.send({ type: 'session.admit', address: HOME, inRoom: null, elsewhere, deserted: null })
      return actor.getSnapshot().context.verdict
    }
    expect(ask(1)).toEqual(admitted(null))
    expect(ask(1)).toMatchObject({ type: 'refused', refusal: { facts: { sessions: 3, sessionsMax: 3 } } })
  })

  test('says which deserted session must give up its slot, and counts it until it has ended', () => {
    const { admit, retire, active } = supervisor(1)
    admit()
    expect(admit(id('a'))).toEqual(admitted(id('a')))
    expect(active()).toBe(2)
    retire('a')
    expect(active()).toBe(1)
  })

  test('counts what each address has open, and forgets addresses that have nothing left', () => {
    const { actor, admit, retire } = supervisor(10, 2)
    expect([admit(), admit(), admit()].map((verdict) => verdict?.type)).toEqual([
      'admitted',
      'admitted',
      'refused',
    ])
    expect(admit(null, 'elsewhere')?.type).toBe('admitted')
    retire()
    expect([admit(), admit()].map((verdict) => verdict?.type)).toEqual(['admitted', 'refused'])
    for (const address of [HOME, HOME, 'elsewhere']) retire('any', address)
    expect(actor.getSnapshot().context.byAddress).toEqual({})
  })

  test('restarts a failed session three times a minute, and then gives it up', () => {
    const { fail } = supervisor(2)
    const restart = (isDue: boolean) => ({ type: 'restart', isDue })
    const at = 1_000_000
    for (let failure = 0; failure < RESTARTS_MAX; failure += 1) expect(fail('a', at)).toEqual(restart(true))
    expect(fail('b', at)).toEqual(restart(true))
    expect(fail('a', at + RESTART_WINDOW_MS - 1)).toEqual(restart(false))
    expect(fail('a', at + RESTART_WINDOW_MS)).toEqual(restart(true))
  })

  test('forgets the failures of a session that has ended, and of no other', () => {
    const { fail, retire } = supervisor(2)
    for (let failure = 0; failure < RESTARTS_MAX; failure += 1) {
      fail('a', 0)
      fail('b', 0)
    }
    retire('a')
    expect([fail('a', 1), fail('b', 1)]).toMatchObject([{ isDue: true }, { isDue: false }])
  })

  test('forgets failures that are too old to count', () => {
    const { actor, fail } = supervisor(2)
    expect(actor.getSnapshot().context.restarts).toEqual([])
    for (let minute = 0; minute < 100; minute += 1) fail(`session ${minute}`, minute * RESTART_WINDOW_MS)
    expect(actor.getSnapshot().context.restarts).toHaveLength(1)
  })

  test('counts a restored session, without judging it', () => {
    const { actor, admit, active } = supervisor(2, 1)
    actor.send({ type: 'session.restore', address: HOME })
    expect(active()).toBe(1)
    expect(actor.getSnapshot().context).toMatchObject({ byAddress: { [HOME]: 1 }, verdict: null })
    expect(admit()?.type).toBe('refused')
    expect(admit(null, 'elsewhere')?.type).toBe('admitted')
  })

  test('reports that a room is taken, whoever asks', () => {
    const { actor } = supervisor(2)
    actor.send({ type: 'session.admit', address: HOME, inRoom: id('a'), deserted: null })
    expect(actor.getSnapshot().context.verdict).toMatchObject({
      type: 'refused',
      refusal: { code: 'ROOM_TAKEN', facts: { sessionId: 'a' } },
    })
    expect(actor.getSnapshot().context.active).toBe(0)
  })

  test('admits nobody while draining, and is done once stopped', () => {
    const { actor, admit, active, state } = supervisor(2)
    actor.send({ type: 'server.drain' })
    expect(admit()).toMatchObject({ type: 'refused', refusal: { code: 'SERVICE_UNAVAILABLE' } })
    expect(active()).toBe(0)
    expect(state()).toEqual({ running: 'draining' })
    actor.send({ type: 'server.stop' })
    expect(actor.getSnapshot().status).toBe('done')
  })
})
