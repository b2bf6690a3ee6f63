import { Api } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

const START = Date.parse('2026-01-31T09:30:00.000Z')

let clock: SimulatedClock
let server: InProcess
let api: Api
const streams: TestStream[] = []

beforeEach(() => start({}))

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close()
  await server.stop()
})

async function start(environment: Record<string, string>) {
  clock = new SimulatedClock(START)
  server = await startInProcess({ clock, environment: { RATE_LIMITING: 'false', ...environment } })
  api = new Api(server.url)
}

/** A fresh server with these settings. */
async function restart(environment: Record<string, string>) {
  await server.stop()
  await start(environment)
}

async function table() {
  const ada = await api.create()
  const bob = await api.join(ada.sessionId)
  const phone = new TestStream(server.url, ada.sessionId, { token: bob.token })
  const desktop = new TestStream(server.url, ada.sessionId, { token: ada.token })
  streams.push(phone, desktop)
  await Promise.all([phone, desktop].map((stream) => stream.untilType('session_updated')))
  const optimize = (query: string, network?: string) =>
    api.post(`/api/mobile/${ada.sessionId}/optimize?${query}`, {
      by: bob,
      headers: network === undefined ? {} : { 'X-Network-Type': network },
    })
  return { ada, bob, phone, desktop, optimize }
}

/** Gives what has been written time to arrive. */
const arrived = () => new Promise((resolve) => setTimeout(resolve, 30))

/** How many comments have come that only say that the stream is open. */
const beats = ({ comments }: TestStream) => comments.filter((comment) => comment === 'heartbeat').length

describe('mobile (contract section 5)', () => {
  test.each([
    ['battery_level=100', undefined, [30, false, false, false]],
    ['battery_level=51', '4g', [30, false, false, false]],
    ['battery_level=50', '3g', [60, false, false, false]],
    ['battery_level=30', '2g', [60, false, false, true]],
    ['battery_level=29.5', undefined, [60, true, false, false]],
    ['battery_level=20', undefined, [60, true, false, false]],
    ['battery_level=19', 'SLOW-2G', [60, true, true, true]],
    // A phone that does not state its level is spared.
    ['', undefined, [60, false, false, false]],
  ])('%s over %s', async (query, network, [heartbeat, batching, reduced, adaptive]) => {
    const { ada, bob, optimize, desktop } = await table()
    const { status, body } = await optimize(query, network)
    const optimizations = {
      sse_heartbeat_interval: heartbeat,
      event_batching: batching,
      reduced_animations: reduced,
      network_adaptive: adaptive,
      touch_optimized: true,
    }
    expect([status, body.optimizations]).toEqual([200, optimizations])
    expect(body.recommendations).toHaveLength([batching, reduced, adaptive].filter(Boolean).length)
    await desktop.untilType('mobile_optimization_applied')
    expect(desktop.frames.at(-1)?.data.data).toEqual({ user_id: bob.userId, optimizations })
    expect((await api.session(ada.sessionId)).mobile_optimizations).toEqual({ [bob.userId]: optimizations })
  })

  test('batching: the open stream sends what has gathered in a write a second, others at once', async () => {
    const { ada, phone, desktop, optimize } = await table()
    await optimize('battery_level=10')
    clock.increment(1_000)
    await phone.untilType('mobile_optimization_applied')
    const before = phone.types.length
    await api.command(ada, 'start')
    await api.command(ada, 'vote', { vote: '5' })
    await desktop.untilType('vote_submitted')
    await arrived()
    expect(phone.types).toHaveLength(before)
    clock.increment(999)
    await arrived()
    expect(phone.types).toHaveLength(before)
    clock.increment(1)
    await phone.untilType('vote_submitted')
    expect(phone.events.map(({ id }) => id)).toEqual(desktop.events.map(({ id }) => id))
  })

  test('batching: wherever in a beat an event falls, it waits a second and a beat at most', async () => {
    const { ada, phone, optimize } = await table()
    await optimize('battery_level=10')
    clock.increment(1_000)
    await phone.untilType('mobile_optimization_applied')
    clock.increment(50)
    await api.command(ada, 'start')
    clock.increment(999)
    await arrived()
    expect(phone.types).not.toContain('voting_started')
    clock.increment(201)
    await phone.untilType('voting_started')
  })

  test('batching ends at once when the battery is full again', async () => {
    const { ada, phone, optimize } = await table()
    await optimize('battery_level=10')
    await optimize('battery_level=90')
    await api.command(ada, 'start')
    await phone.untilType('voting_started')
  })

  test('the heartbeat changes for a stream that is already open, and for later ones', async () => {
    const { ada, bob, phone, desktop, optimize } = await table()
    await optimize('battery_level=100')
    await Promise.all([phone, desktop].map((stream) => stream.untilType('mobile_optimization_applied')))
    expect(phone.comments).toEqual(['heartbeat=15000', 'heartbeat=30000'])
    clock.increment(15_000)
    await desktop.until(() => beats(desktop) === 1)
    expect(beats(phone)).toBe(0)
    const later = new TestStream(server.url, ada.sessionId, { token: bob.token })
    streams.push(later)
    await later.untilType('session_updated')
    expect(later.comments).toEqual(['heartbeat=30000'])
    clock.increment(15_000)
    await phone.until(() => beats(phone) === 1)
    expect(beats(later)).toBe(0)
  })

  test('touch-vote is a vote, and echoes what it was sent', async () => {
    const { ada, bob } = await table()
    const touch = (body: unknown) => api.post(`/api/mobile/${ada.sessionId}/touch-vote`, { by: bob, body })
    expect((await touch({ vote: '5' })).body.error_code).toBe('VOTING_ERROR')
    await api.command(ada, 'start')
    const { body } = await touch({ vote: '5', touch_coordinates: { x: 1, y: 2.5 }, pressure: 0.5 })
    expect(body).toEqual({
      success: true,
      vote_registered: '5',
      haptic_feedback: 'light_tap',
      touch_metadata: { coordinates: { x: 1, y: 2.5 }, pressure: 0.5, timestamp: null },
    })
    expect(Object.keys((await api.session(ada.sessionId)).current_round.votes)).toEqual([bob.userId])
  })
})

describe('touch data', () => {
  test.each([
    [{ touch_coordinates: [10, 20], pressure: 2, touch_timestamp: '2026-01-31T09:30:00' }],
    [{ touch_coordinates: { x: 1, y: 2, radius: [3] }, pressure: null, touch_timestamp: 5 }],
    [{ touch_coordinates: 'left', pressure: { grams: 5 }, touch_timestamp: false }],
    [{ touch_coordinates: 'x'.repeat(1_022), pressure: [[[[]]]], touch_timestamp: null }],
  ])('of any shape come back as they were sent: %#', async (sent) => {
    const { ada, bob } = await table()
    await api.command(ada, 'start')
    const path = `/api/mobile/${ada.sessionId}/touch-vote`
    const { status, body } = await api.post(path, { by: bob, body: { vote: '5', ...sent } })
    expect(status).toBe(200)
    expect(body.touch_metadata).toEqual({
      coordinates: sent.touch_coordinates,
      pressure: sent.pressure,
      timestamp: sent.touch_timestamp,
    })
  })

  test.each(['touch_coordinates', 'pressure', 'touch_timestamp'])(
    'of more than 1 KiB are refused: %s',
    async (member) => {
      const { ada, bob } = await table()
      await api.command(ada, 'start')
      const path = `/api/mobile/${ada.sessionId}/touch-vote`
      for (const data of [
        'x'.repeat(1_023),
        'é'.repeat(512),
        Array(600).fill(1),
        JSON.parse('['.repeat(4_000) + ']'.repeat(4_000)),
      ]) {
        const { status, body } = await api.post(path, { by: bob, body: { vote: '5', [member]: data } })
        expect([status, body.context.issues]).toEqual([
          422,
          [{ path: member, message: 'must not take more than 1024 bytes' }],
        ])
      }
    },
  )
})

describe('what an operator turns off (contract section 2)', () => {
  test.each([
    [{ MOBILE_BATTERY_OPTIMIZATION: 'false' }, [30, false, false, true]],
    [{ NETWORK_ADAPTIVE_FEATURES: 'false' }, [60, true, true, false]],
    [{ MOBILE_BATTERY_OPTIMIZATION: 'false', NETWORK_ADAPTIVE_FEATURES: 'false' }, [30, false, false, false]],
  ])('%j: a phone at 10 %% over 2g gets the rest of the optimizations', async (environment, expected) => {
    await restart(environment)
    const { optimize, ada, phone, desktop } = await table()
    const { body } = await optimize('battery_level=10', '2g')
    const { sse_heartbeat_interval, event_batching, reduced_animations, network_adaptive } =
      body.optimizations
    expect([sse_heartbeat_interval, event_batching, reduced_animations, network_adaptive]).toEqual(expected)
    expect(body.recommendations).toHaveLength(expected.filter((is) => is === true).length)
    clock.increment(1_000)
    await phone.untilType('mobile_optimization_applied')
    await api.command(ada, 'start')
    await desktop.untilType('voting_started')
    const isBatching = event_batching || network_adaptive
    if (!isBatching) return void (await phone.untilType('voting_started'))
    await arrived()
    expect(phone.types).not.toContain('voting_started')
    clock.increment(1_000)
    await phone.untilType('voting_started')
  })

  test('leaves a nonsensical battery level refused', async () => {
    await restart({ MOBILE_BATTERY_OPTIMIZATION: 'false' })
    const { optimize } = await table()
    expect((await optimize('battery_level=101')).body.error_code).toBe('MOBILE_OPTIMIZATION_ERROR')
  })
})

describe('the heartbeat lease', () => {
  test('without another call within 2.5 times next_heartbeat: offline to the millisecond, whatever the socket says', async () => {
    const { ada, bob, phone, desktop } = await table()
    const beat = () => api.request(`/api/mobile/${ada.sessionId}/heartbeat`, { by: bob })
    expect((await beat()).body).toEqual({
      connected: true,
      timestamp: new Date(START).toISOString(),
      next_heartbeat: 30,
    })
    clock.increment(74_999)
    await arrived()
    expect(desktop.types).not.toContain('user_disconnected')
    await beat()
    clock.increment(74_999)
    expect((await api.session(ada.sessionId)).participants[1].is_online).toBe(true)
    clock.increment(1)
    await desktop.untilType('user_disconnected')
    await phone.untilClosed()
    expect((await api.session(ada.sessionId)).participants[1].is_online).toBe(false)
  })

  test('does not apply to anybody who never called', async () => {
    const { desktop } = await table()
    clock.increment(300_000)
    await arrived()
    expect(desktop.types).not.toContain('user_disconnected')
  })
})
