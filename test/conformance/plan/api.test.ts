import { describePlan, type Plan, type PlanRow } from '../../support/plan.js'

const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)
const CREATION = { name: 'Sprint 42', creator_name: 'Ada', creator_avatar: 'fox' }

async function table({ api }: Plan) {
  const ada = await api.create()
  return { ada, bob: await api.join(ada.sessionId), id: ada.sessionId }
}

/** The plan's `Session` (L120-142). */
const SESSION = {
  id: UUID,
  name: 'Sprint 42',
  participants: [{ id: UUID, name: 'Ada', avatar: 'fox', is_online: true, joined_at: TIME }],
  scrum_master_id: UUID,
  status: 'waiting',
  current_round: null,
  expires_at: TIME,
  created_at: TIME,
  last_activity: TIME,
  grace_period_start: null,
  grace_period_expires: null,
  previous_scrum_master_id: null,
  mobile_optimizations: {},
  state_version: expect.any(Number),
  state_checksum: expect.any(String),
}

const SESSIONS: readonly PlanRow[] = [
  {
    line: '266-275',
    says: 'a session is created, and there is a link to it',
    holds: async ({ api }) => {
      const { status, body } = await api.post('/api/sessions/', { body: CREATION })
      expect([status, body]).toMatchObject([201, { session_id: UUID, join_url: expect.any(String) }])
    },
  },
  {
    line: '277-281, 150-157',
    says: 'the list says of each session what one needs to join it',
    holds: async ({ api }) => {
      const { body: created } = await api.post('/api/sessions', { body: CREATION })
      // With several servers, the others hear of a new session a moment later.
      const listed = async () =>
        (await api.request('/api/sessions/')).body.find(({ id }: { id: string }) => id === created.session_id)
      let found = await listed()
      while (found === undefined) found = await listed()
      expect(found).toMatchObject({
        name: 'Sprint 42',
        participant_count: 1,
        scrum_master_name: 'Ada',
        status: 'waiting',
        created_at: TIME,
      })
    },
  },
  {
    line: '283-291, 120-142, 88-94',
    says: 'a session has every member of the plan’s model',
    holds: async ({ api }) => {
      const { body: created } = await api.post('/api/sessions', { body: CREATION })
      const { status, body } = await api.request(`/api/sessions/${created.session_id}`)
      expect([status, body]).toMatchObject([200, SESSION])
    },
  },
  {
    line: '293-303, 159-162',
    says: 'somebody joins, and gets their id and the session',
    holds: async ({ api }) => {
      const ada = await api.create()
      const body = { user_name: 'Bob', user_avatar: 'owl' }
      const answer = await api.post(`/api/sessions/${ada.sessionId}/join`, { body })
      expect(answer.body).toMatchObject({ user_id: UUID, session: { id: ada.sessionId } })
      expect(answer.body.session.participants).toHaveLength(2)
    },
  },
  {
    line: '93, 148, 162',
    says: 'an avatar is an identifier or a URL, as people write them',
    holds: async ({ api }) => {
      const ada = await api.create()
      for (const user_avatar of ['fox.png', '/avatars/1.svg', 'http://cdn.test/a.png', 'avatar 1', '🦊']) {
        const body = { user_name: 'Bob', user_avatar }
        const answer = await api.post(`/api/sessions/${ada.sessionId}/join`, { body })
        expect([user_avatar, answer.status]).toEqual([user_avatar, 201])
      }
    },
  },
  {
    line: '144-148, 159-162, 205-207',
    says: 'members that nobody knows are ignored, on commands without a body too',
    holds: async (plan) => {
      const { ada } = await table(plan)
      const created = await plan.api.post('/api/sessions', { body: { ...CREATION, theme: 'dark' } })
      expect(created.status).toBe(201)
      for (const [command, body] of [
        ['start', { user_id: ada.userId, note: null }],
        ['vote', { vote: '5', comment: 'easy' }],
        ['reveal', []],
        ['pause', null],
      ] as const) {
        expect([command, (await plan.api.act(ada, command, body)).status]).toEqual([command, 200])
      }
    },
  },
  {
    line: '305-314',
    says: 'somebody leaves',
    holds: async (plan) => {
      const { bob, id } = await table(plan)
      const { body } = await plan.api.act(bob, 'leave')
      expect(body).toEqual({ success: true, message: expect.any(String) })
      expect((await plan.api.session(id)).participants).toHaveLength(1)
    },
  },
  {
    line: '316-327',
    says: 'the Scrum Master ends the session; nobody else can',
    holds: async (plan) => {
      const { ada, bob, id } = await table(plan)
      const end = (by: typeof ada) => plan.api.as(by, `/api/sessions/${id}`, { method: 'DELETE' })
      expect((await end(bob)).status).toBe(403)
      expect((await end(ada)).body).toEqual({ success: true, message: expect.any(String) })
      expect((await plan.api.request(`/api/sessions/${id}`)).status).toBe(404)
    },
  },
]

const VOTING: readonly PlanRow[] = [
  {
    line: '332-341, 1147-1162',
    says: 'a round starts, with no votes',
    holds: async (plan) => {
      const { ada, id } = await table(plan)
      const { body } = await plan.api.act(ada, 'start')
      expect(body).toMatchObject({ success: true, message: expect.any(String) })
      expect(await plan.api.session(id)).toMatchObject({
        status: 'voting',
        current_round: { id: UUID, votes: {}, is_revealed: false, statistics: null, started_at: TIME },
      })
    },
  },
  {
    line: '343-353, 172-187, 1164-1184',
    says: 'every value of the plan is a vote; what it is nobody sees before the reveal',
    holds: async (plan) => {
      const { ada, bob, id } = await table(plan)
      await plan.api.act(ada, 'start')
      for (const vote of ['1', '2', '3', '5', '8', '13', '21', 'coffee']) {
        const { status, body } = await plan.api.act(bob, 'vote', { vote })
        expect([status, body.success]).toEqual([200, true])
      }
      expect((await plan.api.act(bob, 'vote', { vote: '4' })).status).toBe(422)
      expect((await plan.api.session(id)).current_round.votes).toEqual({
        [bob.userId]: { user_id: bob.userId, value: null, submitted_at: TIME },
      })
    },
  },
  {
    line: '355-364, 189-195, 1186-1208',
    says: 'a reveal has the statistics',
    holds: async (plan) => {
      const { ada, bob, id } = await table(plan)
      const cyd = await plan.api.join(id, 'Cyd')
      await plan.api.act(ada, 'start')
      for (const [by, vote] of [
        [ada, '3'],
        [bob, '8'],
        [cyd, 'coffee'],
      ] as const) {
        await plan.api.act(by, 'vote', { vote })
      }
      const { body } = await plan.api.act(ada, 'reveal')
      expect(body.statistics).toMatchObject({
        average: 5.5,
        distribution: { 3: 1, 8: 1, coffee: 1 },
        consensus: false,
        coffee_votes: 1,
        total_votes: 3,
      })
      expect((await plan.api.session(id)).status).toBe('results')
    },
  },
  {
    line: '366-371',
    says: 'the round can be looked at; there is none at first',
    holds: async (plan) => {
      const { ada, id } = await table(plan)
      const round = () => plan.api.request(`/api/sessions/${id}/round`)
      expect((await round()).body).toBeNull()
      await plan.api.act(ada, 'start')
      expect((await round()).body).toMatchObject({ id: UUID, votes: {}, is_revealed: false })
    },
  },
]

const USERS: readonly PlanRow[] = [
  {
    line: '377-384',
    says: 'the Scrum Master sends somebody away',
    holds: async (plan) => {
      const { ada, bob, id } = await table(plan)
      const path = `/api/sessions/${id}/kick/${bob.userId}`
      const { status, body } = await plan.api.as(ada, path, { parameter: 'kicker_id' })
      expect([status, body.success]).toEqual([200, true])
      expect((await plan.api.session(id)).participants).toHaveLength(1)
    },
  },
  {
    line: '386-393',
    says: 'the Scrum Master hands the role over',
    holds: async (plan) => {
      const { ada, bob, id } = await table(plan)
      const path = `/api/sessions/${id}/transfer?new_master_id=${bob.userId}`
      const { status } = await plan.api.as(ada, path, { parameter: 'current_master_id' })
      expect(status).toBe(200)
      expect((await plan.api.session(id)).scrum_master_id).toBe(bob.userId)
    },
  },
]

const STREAM: readonly PlanRow[] = [
  {
    line: '412-436, 2508',
    says: 'whoever is not in the session may watch; every change comes within 100 ms',
    holds: async (plan) => {
      const { ada, id } = await table(plan)
      const watcher = await plan.api.watch(id).untilType('session_updated')
      const delays: number[] = []
      for (let round = 0; round < 5; round += 1) {
        const seen = watcher.frames.length
        const startedAt = performance.now()
        await plan.api.act(ada, round % 2 === 0 ? 'pause' : 'resume')
        await watcher.until(({ frames }) => frames.length > seen)
        delays.push(performance.now() - startedAt)
      }
      // Other work on this machine can make one later, but never earlier.
      expect(Math.min(...delays)).toBeLessThan(100)
      watcher.close()
    },
  },
  {
    line: '412-415, 2931-2946',
    says: 'who does not say who they are only watches: nobody takes them for somebody who is there',
    holds: async (plan) => {
      const { ada, id } = await table(plan)
      const connected = async () => (await plan.api.phone(ada, 'heartbeat', { method: 'GET' })).body.connected
      const watcher = await plan.api.watch(id).untilType('session_updated')
      expect(await connected()).toBe(false)
      const stream = await plan.api.stream(ada).untilType('session_updated')
      expect(await connected()).toBe(true)
      stream.close()
      watcher.close()
    },
  },
]

describePlan('session endpoints', SESSIONS)
describePlan('voting endpoints', VOTING)
describePlan('user endpoints', USERS)
describePlan('the stream', STREAM)
