import { EVENT_TYPES } from '../../../src/wire/events.js'
import type { Person } from '../../support/api.js'
import { describePlan, type Plan, type PlanRow } from '../../support/plan.js'
import type { ReceivedStream } from '../../support/sse.js'

test('L221-228: every type of event exists', () => {
  expect(EVENT_TYPES).toEqual(
    expect.arrayContaining([
      'session_updated',
      'user_joined',
      'user_left',
      'user_disconnected',
      'voting_started',
      'vote_submitted',
      'votes_revealed',
      'round_completed',
      'session_expired',
      'scrum_master_changed',
      'session_paused',
      'grace_period_started',
      'grace_period_warning',
      'grace_period_ended',
      'session_capacity_warning',
      'mobile_optimization_applied',
      'state_sync_required',
      'error_recovery_needed',
      'network_partition_detected',
    ]),
  )
})

/** The data of the newest event of a type. */
function dataOf(stream: ReceivedStream, type: string) {
  return stream.frames.findLast(({ data }) => data.type === type)?.data.data
}

/** Ada leads, with a stream; Bob has one too and sees everything. */
async function table({ api }: Plan): Promise<{
  ada: Person
  leading: ReturnType<typeof api.stream>
  seen: ReturnType<typeof api.stream>
}> {
  const ada = await api.create()
  const bob = await api.join(ada.sessionId)
  const leading = await api.stream(ada).untilType('session_updated')
  const seen = await api.stream(bob).untilType('session_updated')
  return { ada, leading, seen }
}

const ROWS: readonly PlanRow[] = [
  {
    line: '230-235, 436',
    says: 'a frame is one JSON object: type, session, time and data',
    holds: async (plan) => {
      const { ada, leading, seen } = await table(plan)
      await plan.api.act(ada, 'start')
      await seen.untilType('voting_started')
      expect(seen.frames.at(-1)?.data).toMatchObject({
        type: 'voting_started',
        session_id: ada.sessionId,
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        data: expect.any(Object),
      })
      leading.close()
      seen.close()
    },
  },
  {
    line: '242-245',
    says: 'that somebody voted says who, and not what',
    holds: async (plan) => {
      const { ada, leading, seen } = await table(plan)
      await plan.api.act(ada, 'start')
      await plan.api.act(ada, 'vote', { vote: '13' })
      await seen.untilType('vote_submitted')
      expect(dataOf(seen, 'vote_submitted').user_id).toBe(ada.userId)
      expect(JSON.stringify(seen.events)).not.toContain('"13"')
      leading.close()
      seen.close()
    },
  },
  {
    line: '247-250',
    says: 'a reveal has all the votes, and their statistics',
    holds: async (plan) => {
      const { ada, leading, seen } = await table(plan)
      await plan.api.act(ada, 'start')
      await plan.api.act(ada, 'vote', { vote: '13' })
      await plan.api.act(ada, 'reveal')
      await seen.untilType('votes_revealed')
      expect(dataOf(seen, 'votes_revealed')).toMatchObject({
        votes: { [ada.userId]: { user_id: ada.userId, value: '13' } },
        statistics: {
          average: 13,
          distribution: { 13: 1 },
          consensus: true,
          coffee_votes: 0,
          total_votes: 1,
        },
      })
      leading.close()
      seen.close()
    },
  },
  {
    line: '600-622, 653-674, 626-650',
    says: 'the Scrum Master drops: a wait, in the plan’s words; they come back: it is over',
    holds: async (plan) => {
      const { ada, leading, seen } = await table(plan)
      leading.close()
      await seen.untilType('grace_period_started')
      const waiting = await plan.api.session(ada.sessionId)
      expect(waiting).toMatchObject({ status: 'grace_period', previous_scrum_master_id: ada.userId })
      expect(dataOf(seen, 'grace_period_started')).toEqual({
        disconnected_scrum_master_id: ada.userId,
        grace_period_minutes: 5,
        expires_at: waiting.grace_period_expires,
        message: 'Scrum Master disconnected. Session paused for 5 minutes.',
      })
      expect(Date.parse(waiting.grace_period_expires) - Date.parse(waiting.grace_period_start)).toBe(300_000)
      const back = plan.api.stream(ada)
      await seen.untilType('grace_period_ended')
      expect(dataOf(seen, 'grace_period_ended')).toMatchObject({
        reason: 'Scrum Master reconnected',
        session_resumed: true,
        message: 'Scrum Master reconnected',
      })
      expect(await plan.api.session(ada.sessionId)).toMatchObject({
        scrum_master_id: ada.userId,
        grace_period_start: null,
        grace_period_expires: null,
        previous_scrum_master_id: null,
      })
      back.close()
      seen.close()
    },
  },
]

const PEOPLE: readonly PlanRow[] = [
  {
    line: '237-240, 791-800',
    says: 'somebody joins, drops, is back and leaves: everybody is told, with their data where they are new',
    holds: async (plan) => {
      const { leading, seen } = await table(plan)
      const cyd = await plan.api.join(leading.frames[0]?.data.session_id, 'Cyd')
      await seen.untilType('user_joined')
      const user = { id: cyd.userId, name: 'Cyd', avatar: 'owl', is_online: true }
      expect(dataOf(seen, 'user_joined')).toMatchObject({ user_id: cyd.userId, user, reconnected: false })
      const stream = await plan.api.stream(cyd).untilType('session_updated')
      stream.close()
      await seen.untilType('user_disconnected')
      expect(dataOf(seen, 'user_disconnected')).toEqual({ user_id: cyd.userId })
      await plan.api.act(cyd, 'reconnect', { client_state: {} })
      await seen.until(() => dataOf(seen, 'user_joined').reconnected)
      expect(dataOf(seen, 'user_joined')).toMatchObject({
        user_id: cyd.userId,
        user,
        sync_strategy: 'full_sync',
      })
      // Whoever was there all along is not announced.
      const joined = seen.types.filter((type) => type === 'user_joined').length
      await plan.api.act(cyd, 'reconnect', { client_state: {} })
      await plan.api.act(cyd, 'leave')
      await seen.untilType('user_left')
      expect(seen.types.filter((type) => type === 'user_joined')).toHaveLength(joined)
      expect(dataOf(seen, 'user_left')).toEqual({ user_id: cyd.userId, reason: 'left' })
      leading.close()
      seen.close()
    },
  },
  {
    line: '1535-1557, 2995-3001',
    says: 'half the table drops at once: a partition, until all are back, and how long it was',
    holds: async (plan) => {
      const { ada, leading, seen } = await table(plan)
      const cyd = await plan.api.join(ada.sessionId, 'Cyd')
      const other = await plan.api.stream(cyd).untilType('session_updated')
      leading.close()
      other.close()
      await seen.untilType('network_partition_detected')
      const reports = () =>
        seen.frames
          .filter(({ data }) => data.type === 'network_partition_detected')
          .map(({ data }) => data.data)
      const report = {
        detected_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        affected_clients: expect.arrayContaining([ada.userId, cyd.userId]),
        recovery_strategy: 'full_resync',
      }
      expect(reports()).toEqual([{ ...report, partition_duration_seconds: null, success: false }])
      for (const person of [ada, cyd]) await plan.api.act(person, 'reconnect', { client_state: {} })
      await seen.until(() => reports().length === 2)
      expect(reports()[1]).toEqual({
        ...report,
        detected_at: reports()[0].detected_at,
        partition_duration_seconds: expect.any(Number),
        success: true,
      })
      seen.close()
    },
  },
]

describePlan('events', ROWS, { DISCONNECT_DEBOUNCE_SECONDS: '0.05' })
describePlan('events about people', PEOPLE, { DISCONNECT_DEBOUNCE_SECONDS: '0.05' })

describePlan(
  'events, with a short grace period',
  [
    {
      line: '676-715',
      says: 'a warning, then the next leads, in the plan’s words',
      holds: async (plan) => {
        const { ada, leading, seen } = await table(plan)
        leading.close()
        await seen.untilType('grace_period_ended')
        const minutes = dataOf(seen, 'grace_period_warning').minutes_remaining
        expect(minutes).toBe(0.01)
        expect(dataOf(seen, 'grace_period_warning').message).toBe(
          'Grace period ending in 0.01 minutes. Scrum Master role will be transferred.',
        )
        expect(dataOf(seen, 'scrum_master_changed')).toMatchObject({
          reason: 'grace_period_expired',
          message: 'Grace period expired. Scrum Master role transferred to next participant.',
        })
        expect(dataOf(seen, 'grace_period_ended')).toMatchObject({
          reason: 'Grace period expired',
          session_resumed: true,
        })
        const session = await plan.api.session(ada.sessionId)
        expect(session.previous_scrum_master_id).toBe(ada.userId)
        expect(session.scrum_master_id).not.toBe(ada.userId)
        seen.close()
      },
    },
    {
      line: '1094',
      says: 'whoever leaves of their own will is not waited for',
      holds: async (plan) => {
        const { ada, seen } = await table(plan)
        await plan.api.act(ada, 'leave')
        await seen.untilType('scrum_master_changed')
        expect(seen.types).not.toContain('grace_period_started')
        seen.close()
      },
    },
  ],
  { DISCONNECT_DEBOUNCE_SECONDS: '0.05', GRACE_PERIOD_MINUTES: '0.02', GRACE_WARNING_MINUTES: '0.01' },
)

describePlan(
  'events, while a grace period of the usual length runs out',
  [
    {
      line: '680-691',
      says: 'the warning comes two minutes before the end, and says so',
      holds: async (plan) => {
        const { leading, seen } = await table(plan)
        leading.close()
        await seen.untilType('grace_period_warning')
        expect(dataOf(seen, 'grace_period_warning')).toEqual({
          minutes_remaining: 2,
          message: 'Grace period ending in 2 minutes. Scrum Master role will be transferred.',
        })
        seen.close()
      },
    },
  ],
  { DISCONNECT_DEBOUNCE_SECONDS: '0.05', GRACE_PERIOD_MINUTES: '2.005' },
)
