import { randomUUID } from 'node:crypto'
import { describePlan, type PlanRow } from '../../support/plan.js'

const APPLICATION: readonly PlanRow[] = [
  {
    line: '2369-2373',
    says: 'the description has the plan’s title and version',
    holds: async ({ api }) => {
      const { body } = await api.request('/openapi.json')
      expect(body.info).toMatchObject({
        title: 'MagnaPP Planning Poker API',
        summary: 'Real-time collaborative planning poker backend',
        version: '1.0.0',
      })
      expect((await api.request('/docs')).status).toBe(200)
    },
  },
  {
    line: '253-420, 2385-2395, 2828-2973',
    says: 'every address of the plan is there, with its method',
    holds: async ({ api }) => {
      const { paths } = (await api.request('/openapi.json')).body
      for (const [method, path] of [
        ['post', '/api/sessions'],
        ['get', '/api/sessions'],
        ['get', '/api/sessions/{session_id}'],
        ['post', '/api/sessions/{session_id}/join'],
        ['post', '/api/sessions/{session_id}/leave'],
        ['delete', '/api/sessions/{session_id}'],
        ['post', '/api/sessions/{session_id}/start'],
        ['post', '/api/sessions/{session_id}/vote'],
        ['post', '/api/sessions/{session_id}/reveal'],
        ['get', '/api/sessions/{session_id}/round'],
        ['post', '/api/sessions/{session_id}/kick/{user_id}'],
        ['post', '/api/sessions/{session_id}/transfer'],
        ['post', '/api/sessions/{session_id}/reconnect'],
        ['get', '/api/sse/{session_id}'],
        ['get', '/health'],
        ['get', '/api/health/status'],
        ['get', '/api/health/metrics'],
        ['get', '/api/health/capacity'],
        ['post', '/api/health/checks'],
        ['post', '/api/mobile/{session_id}/optimize'],
        ['get', '/api/mobile/{session_id}/heartbeat'],
        ['post', '/api/mobile/{session_id}/touch-vote'],
      ] as const) {
        expect([method, path, paths[path]?.[method] !== undefined]).toEqual([method, path, true])
      }
    },
  },
  {
    line: '2375-2383, 2535',
    says: 'the front end’s page may use it from its own origin, with credentials',
    holds: async ({ api }) => {
      const { headers } = await api.request('/health', { headers: { Origin: 'http://localhost:5173' } })
      expect(headers.get('access-control-allow-origin')).toBe('http://localhost:5173')
      expect(headers.get('access-control-allow-credentials')).toBe('true')
    },
  },
]

const SYNCHRONIZATION: readonly PlanRow[] = [
  {
    line: '1211-1291, 2509, 1309-1310',
    says: 'every client of a session has every event, in their order',
    holds: async ({ api }) => {
      const ada = await api.create()
      const clients = await Promise.all(
        Array.from({ length: 5 }, () => api.watch(ada.sessionId).untilType('session_updated')),
      )
      for (let round = 0; round < 10; round += 1) await api.act(ada, round % 2 === 0 ? 'start' : 'reveal')
      const { state_version } = await api.session(ada.sessionId)
      const types = Array(5).fill(['voting_started', 'votes_revealed', 'round_completed']).flat()
      for (const client of clients) {
        await client.untilVersion(state_version)
        expect(client.events.map(({ data }) => data.type)).toEqual(types)
        client.close()
      }
    },
  },
  {
    line: '2510, 1636',
    says: 'a client that comes back has what it missed',
    holds: async ({ api }) => {
      const ada = await api.create()
      const first = await api.stream(ada).untilType('session_updated')
      first.close()
      await api.act(ada, 'start')
      await api.act(ada, 'vote', { vote: '5' })
      const again = await api.stream(ada, { lastEventId: 0 }).untilType('vote_submitted')
      expect(again.types).toEqual(['voting_started', 'vote_submitted'])
      again.close()
    },
  },
]

const PATTERNS: readonly PlanRow[] = [
  {
    line: '340, 1147-1162, 963',
    says: 'a round that runs is not started again: its cards are not lost by a second click',
    holds: async ({ api }) => {
      const ada = await api.create()
      await api.act(ada, 'start')
      await api.act(ada, 'vote', { vote: '5' })
      const { status, body } = await api.act(ada, 'start')
      expect([status, body.error_code]).toEqual([400, 'VOTING_ERROR'])
      expect(Object.keys((await api.session(ada.sessionId)).current_round.votes)).toEqual([ada.userId])
      await api.act(ada, 'reveal')
      await api.act(ada, 'start')
      expect((await api.session(ada.sessionId)).current_round.votes).toEqual({})
    },
  },
  {
    line: '2526',
    says: 'without any stream all can be done',
    holds: async ({ api }) => {
      const ada = await api.create()
      const bob = await api.join(ada.sessionId)
      await api.act(ada, 'start')
      for (const by of [ada, bob]) expect((await api.act(by, 'vote', { vote: '3' })).status).toBe(200)
      expect((await api.act(ada, 'reveal')).body.statistics).toMatchObject({ average: 3, consensus: true })
    },
  },
  {
    line: '2529',
    says: 'what failed on the way can be sent again without a second effect',
    holds: async ({ api }) => {
      const ada = await api.create()
      const headers = { 'Idempotency-Key': randomUUID() }
      const body = { user_name: 'Bob', user_avatar: 'owl' }
      const path = `/api/sessions/${ada.sessionId}/join`
      const [first, second] = [
        await api.post(path, { body, headers }),
        await api.post(path, { body, headers }),
      ]
      expect(second.body.user_id).toBe(first.body.user_id)
      expect((await api.session(ada.sessionId)).participants).toHaveLength(2)
    },
  },
  {
    line: '2533, 90, 113-147',
    says: 'names have 1 to 50 characters and sessions’ 1 to 100; every fault is named',
    holds: async ({ api }) => {
      const create = (name: string, creator_name: string) =>
        api.post('/api/sessions', { body: { name, creator_name, creator_avatar: 'fox' } })
      expect((await create('x'.repeat(100), 'y'.repeat(50))).status).toBe(201)
      for (const [name, creator] of [
        ['x'.repeat(101), 'y'.repeat(51)],
        ['', ''],
      ] as const) {
        const { status, body } = await create(name, creator)
        expect([status, body.error_code]).toEqual([422, 'VALIDATION_ERROR'])
        expect(body.context.issues.map(({ path }: { path: string[] }) => String(path))).toEqual([
          'name',
          'creator_name',
        ])
      }
    },
  },
  {
    line: '2534',
    says: 'nothing of one session is seen or done in another',
    holds: async ({ api }) => {
      const [ada, bob] = [await api.create(), await api.create('Other', 'Bob')]
      const stranger = await api.act({ ...ada, sessionId: bob.sessionId }, 'start')
      expect([403, 404]).toContain(stranger.status)
      const watcher = await api.watch(bob.sessionId).untilType('session_updated')
      await api.act(ada, 'start')
      await api.act(bob, 'pause')
      await watcher.untilType('session_paused')
      expect(watcher.events.map(({ data }) => data.type)).toEqual(['session_paused'])
      watcher.close()
    },
  },
]

describePlan('the application', APPLICATION)
describePlan('synchronization', SYNCHRONIZATION)
describePlan('error handling and security considerations', PATTERNS)
