import { setTimeout as pause } from 'node:timers/promises'
import { waitUntil } from '../../support/log-lines.js'
import { describePlan, type PlanRow } from '../../support/plan.js'

const SESSION = { name: 'Sprint 42', creator_name: 'Ada', creator_avatar: 'fox' }
const SEAT = { user_name: 'Cyd', user_avatar: 'cat' }

const PLACES: readonly PlanRow[] = [
  {
    line: '458-565, 1302, 2514, 3018-3021',
    says: 'three sessions and no more, however deserted they are; all are told when it gets full',
    holds: async ({ api }) => {
      const ada = await api.create()
      const watcher = await api.watch(ada.sessionId).untilType('session_updated')
      await api.create()
      const third = await api.create()
      const warnings = () =>
        watcher.frames
          .filter(({ data }) => data.type === 'session_capacity_warning')
          .map(({ data }) => data.data)
      await watcher.until(() => warnings().length === 2)
      expect(warnings()).toEqual([
        { active_sessions: 2, max_sessions: 3, available_slots: 1 },
        { active_sessions: 3, max_sessions: 3, available_slots: 0 },
      ])
      // Nobody is present in any of them any more.
      await pause(500)
      const refused = await api.post('/api/sessions', { body: SESSION })
      expect([refused.status, refused.body.error_code]).toEqual([429, 'MAX_SESSIONS_REACHED'])
      expect((await api.request('/api/health/capacity')).body).toMatchObject({
        active_sessions: 3,
        available_slots: 0,
        capacity_utilization: 100,
        at_capacity: true,
        near_capacity: true,
      })
      // A slot is free once its session ends.
      await api.as(third, `/api/sessions/${third.sessionId}`, { method: 'DELETE' })
      expect((await api.post('/api/sessions', { body: SESSION })).status).toBe(201)
      watcher.close()
    },
  },
]

describePlan('the limits', PLACES, {
  MAX_SESSIONS: '3',
  DESERTED_MINUTES: '0',
  PRESENCE_SECONDS: '0.2',
  DISCONNECT_DEBOUNCE_SECONDS: '0.05',
})

const LIVES: readonly PlanRow[] = [
  {
    line: '1303, 2514',
    says: 'sixteen seats and no more',
    holds: async ({ api }) => {
      const ada = await api.create()
      const path = `/api/sessions/${ada.sessionId}/join`
      for (let seats = 1; seats < 16; seats += 1) {
        expect((await api.post(path, { body: SEAT })).status).toBe(201)
      }
      const { status, body } = await api.post(path, { body: SEAT })
      expect([status, body.error_code]).toEqual([409, 'SESSION_FULL'])
    },
  },
  {
    line: '1078-1100',
    says: 'the Scrum Master leaves: the next in the row leads; the last one leaves: it is over',
    holds: async ({ api }) => {
      const ada = await api.create()
      const bob = await api.join(ada.sessionId)
      await api.act(ada, 'leave')
      expect(await api.session(ada.sessionId)).toMatchObject({
        scrum_master_id: bob.userId,
        participants: [{ id: bob.userId }],
      })
      await api.act(bob, 'leave')
      const gone = await api.request(`/api/sessions/${ada.sessionId}`)
      expect([gone.status, gone.body.context.expired]).toEqual([404, true])
    },
  },
  {
    line: '1102-1130, 1298-1299, 2515',
    says: 'a session that nobody uses ends, says so, and is gone',
    holds: async ({ api }) => {
      const ada = await api.create()
      const { created_at, expires_at } = await api.session(ada.sessionId)
      expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(2_400)
      const stream = await api.stream(ada).untilType('session_expired')
      expect(stream.frames.at(-1)?.data.data.reason).toBe('timeout')
      await stream.untilClosed()
      const { status, body } = await api.act(ada, 'start')
      expect([status, body.error_code]).toEqual([404, 'SESSION_NOT_FOUND'])
      expect((await api.request('/api/sessions')).body).not.toContainEqual(
        expect.objectContaining({ id: ada.sessionId }),
      )
    },
  },
  {
    line: '1073, 1160, 1206',
    says: 'whatever is done in it puts the end off',
    holds: async ({ api }) => {
      const ada = await api.create()
      for (const command of ['start', 'reveal', 'start', 'reveal']) {
        await pause(800)
        expect([command, (await api.act(ada, command)).status]).toEqual([command, 200])
      }
      await waitUntil(async () => (await api.request(`/api/sessions/${ada.sessionId}`)).status === 404)
    },
  },
]

describePlan('the lives of sessions', LIVES, { SESSION_TIMEOUT_MINUTES: '0.04' })
