import type { Person } from '../../support/api.js'
import { waitUntil } from '../../support/log-lines.js'
import { describePlan, type Plan, type PlanRow } from '../../support/plan.js'

const BATTERY = 'Enable battery optimization in app settings'
const WIFI = 'Consider switching to Wi-Fi for better experience'

async function table({ api }: Plan): Promise<{ ada: Person; bob: Person }> {
  const ada = await api.create()
  return { ada, bob: await api.join(ada.sessionId) }
}

async function optimized({ api }: Plan, by: Person, query: string, network?: string) {
  const headers = network === undefined ? {} : { 'X-Network-Type': network }
  const { status, body } = await api.phone(by, `optimize${query}`, { headers })
  expect(status).toBe(200)
  return body
}

const ROWS: readonly PlanRow[] = [
  {
    line: '2900-2906',
    says: 'a phone is served as its battery and network ask; one that does not say is spared',
    holds: async (plan) => {
      const { bob } = await table(plan)
      const rows = [
        ['?battery_level=80', '4g', { sse_heartbeat_interval: 30, event_batching: false }],
        ['?battery_level=51', '4g', { sse_heartbeat_interval: 30, reduced_animations: false }],
        ['?battery_level=50', '4g', { sse_heartbeat_interval: 60, event_batching: false }],
        ['?battery_level=29', '4g', { sse_heartbeat_interval: 60, event_batching: true }],
        ['?battery_level=19', '2g', { reduced_animations: true, network_adaptive: true }],
        ['', 'slow-2g', { sse_heartbeat_interval: 60, event_batching: false, network_adaptive: true }],
      ] as const
      for (const [query, network, expected] of rows) {
        const { success, optimizations } = await optimized(plan, bob, query, network)
        expect({ success, ...optimizations }).toMatchObject({
          success: true,
          touch_optimized: true,
          ...expected,
        })
      }
    },
  },
  {
    line: '2908-2912',
    says: 'the session keeps how each phone is served',
    holds: async (plan) => {
      const { bob } = await table(plan)
      const { optimizations } = await optimized(plan, bob, '?battery_level=10')
      const { mobile_optimizations } = await plan.api.session(bob.sessionId)
      expect(mobile_optimizations).toEqual({ [bob.userId]: optimizations })
    },
  },
  {
    line: '2925-2928',
    says: 'recommendations are the plan’s sentences, those that apply',
    holds: async (plan) => {
      const { bob } = await table(plan)
      const recommendations = async (query: string, network: string) =>
        (await optimized(plan, bob, query, network)).recommendations
      expect(await recommendations('?battery_level=90', '4g')).toEqual([])
      expect(await recommendations('?battery_level=25', '4g')).toEqual([BATTERY])
      expect(await recommendations('?battery_level=90', '2g')).toEqual([WIFI])
      expect(await recommendations('?battery_level=25', 'slow-2g')).toEqual([BATTERY, WIFI])
    },
  },
  {
    line: '2931-2946',
    says: 'the heartbeat says whether a stream of the caller’s is open',
    holds: async (plan) => {
      const { bob } = await table(plan)
      const beat = async () => (await plan.api.phone(bob, 'heartbeat', { method: 'GET' })).body
      expect(await beat()).toEqual({
        connected: false,
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        next_heartbeat: 30,
      })
      const stream = await plan.api.stream(bob).untilType('session_updated')
      // The others are told of the stream a moment later.
      await waitUntil(async () => (await beat()).connected === true)
      stream.close()
      await waitUntil(async () => (await beat()).connected === false)
      const [, user] = (await plan.api.session(bob.sessionId)).participants
      expect(user).toMatchObject({ id: bob.userId, is_online: true })
    },
  },
  {
    line: '2948-2973',
    says: 'a vote by touch is a vote; whatever comes with it comes back',
    holds: async (plan) => {
      const { ada, bob } = await table(plan)
      await plan.api.act(ada, 'start')
      const touches = [
        { touch_coordinates: [10, 20], pressure: 2, touch_timestamp: '2026-01-31T09:30:00.123456' },
        { touch_coordinates: { x: 1, y: 2, radius: 3 }, pressure: 'firm', touch_timestamp: 1_700_000_000 },
      ]
      for (const touch of touches) {
        const body = { vote: '8', ...touch, device: { model: 'phone' } }
        const answer = await plan.api.phone(bob, 'touch-vote', { body })
        expect([answer.status, answer.body]).toEqual([
          200,
          {
            success: true,
            vote_registered: '8',
            haptic_feedback: 'light_tap',
            touch_metadata: {
              coordinates: touch.touch_coordinates,
              pressure: touch.pressure,
              timestamp: touch.touch_timestamp,
            },
          },
        ])
      }
      const bare = await plan.api.phone(bob, 'touch-vote', { body: { vote: 'coffee' } })
      expect(bare.body.touch_metadata).toEqual({ coordinates: null, pressure: null, timestamp: null })
      const { body } = await plan.api.act(ada, 'reveal')
      expect(body.round.votes[bob.userId].value).toBe('coffee')
    },
  },
]

describePlan('mobile', ROWS, { DISCONNECT_DEBOUNCE_SECONDS: '0.05' })
