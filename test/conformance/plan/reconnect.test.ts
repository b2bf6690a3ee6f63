import type { Person } from '../../support/api.js'
import { describePlan, type Plan, type PlanRow } from '../../support/plan.js'

async function table({ api }: Plan): Promise<{ ada: Person; bob: Person }> {
  const ada = await api.create()
  return { ada, bob: await api.join(ada.sessionId) }
}

/** What a client of the plan keeps: the last `server_state` it got. */
async function kept({ api }: Plan, by: Person) {
  return (await api.act(by, 'reconnect', { client_state: {} })).body.server_state
}

const FULL_ACTIONS = ['Update local session state', 'Refresh voting UI if needed', 'Update user list display']

const ROWS: readonly PlanRow[] = [
  {
    line: '755-764, 802-808',
    says: 'the answer is one package: sync data, the server’s state, conflicts, a message',
    holds: async (plan) => {
      const { bob } = await table(plan)
      const { status, body } = await plan.api.act(bob, 'reconnect')
      expect(status).toBe(200)
      expect(body).toMatchObject({
        success: true,
        sync_data: expect.any(Object),
        server_state: expect.any(Object),
        conflicts_resolved: [],
        message: 'Performing full synchronization',
      })
    },
  },
  {
    line: '823-828, 862-873',
    says: '`{}` or no state is none: everything, and what to do with it',
    holds: async (plan) => {
      const { ada } = await table(plan)
      for (const body of [undefined, {}, { client_state: null }, { client_state: {} }]) {
        const { sync_data, message } = (await plan.api.act(ada, 'reconnect', body)).body
        expect(message).toBe('Performing full synchronization')
        expect(sync_data).toMatchObject({ type: 'full_sync', recommended_actions: FULL_ACTIONS })
        expect(sync_data.session).toEqual(await plan.api.session(ada.sessionId))
      }
    },
  },
  {
    line: '831-844, 784-785',
    says: 'the same version and checksum: nothing, and a sentence that says so',
    holds: async (plan) => {
      const { ada } = await table(plan)
      const { body } = await plan.api.act(ada, 'reconnect', { client_state: await kept(plan, ada) })
      expect(body.sync_data).toEqual({ type: 'no_sync_needed', message: 'Client state is current' })
      expect(body.message).toBe('No synchronization needed')
    },
  },
  {
    line: '831, 847-853',
    says: 'a state without a version is of version 0, and changes do while that is not far behind',
    holds: async (plan) => {
      const { ada } = await table(plan)
      const { sync_data, message } = (
        await plan.api.act(ada, 'reconnect', { client_state: { participants: [] } })
      ).body
      expect(message).toBe('Performing delta synchronization')
      expect(sync_data.type).toBe('delta_sync')
      await plan.api.act(ada, 'start')
      for (const vote of ['1', '2', '3', '5', '8']) await plan.api.act(ada, 'vote', { vote })
      const later = await plan.api.act(ada, 'reconnect', { client_state: { participants: [] } })
      expect(later.body.sync_data.type).toBe('full_sync')
    },
  },
  {
    line: '886-914, 930-934',
    says: 'changes are `{type, data}`, and say what to do with them',
    holds: async (plan) => {
      const { ada, bob } = await table(plan)
      const client_state = await kept(plan, ada)
      const cyd = await plan.api.join(ada.sessionId, 'Cyd')
      await plan.api.act(bob, 'leave')
      await plan.api.act(ada, 'start')
      const { sync_data, server_state } = (await plan.api.act(ada, 'reconnect', { client_state })).body
      expect(sync_data).toMatchObject({
        type: 'delta_sync',
        conflicts_resolved: [],
        recommended_actions: [
          'Apply incremental changes',
          'Resolve any UI conflicts',
          "Maintain user's current focus",
        ],
      })
      expect(sync_data.changes).toEqual(
        expect.arrayContaining([
          { type: 'participant_removed', data: { id: bob.userId } },
          { type: 'participant_added', data: server_state.participants[1], position: 1 },
          { type: 'voting_state_changed', data: server_state.current_round },
        ]),
      )
      expect(server_state.participants[1]).toMatchObject({ id: cyd.userId, name: 'Cyd', avatar: 'owl' })
    },
  },
  {
    line: '893-897',
    says: 'somebody who is another now is updated',
    holds: async (plan) => {
      const { ada } = await table(plan)
      const client_state = await kept(plan, ada)
      const participants = client_state.participants.map((user: object) => ({
        ...user,
        is_online: 'who knows',
      }))
      await plan.api.act(ada, 'start')
      const answer = await plan.api.act(ada, 'reconnect', { client_state: { ...client_state, participants } })
      const { sync_data, server_state } = answer.body
      expect(sync_data.changes.slice(0, 2)).toEqual([
        { type: 'participant_updated', data: server_state.participants[0] },
        { type: 'participant_updated', data: server_state.participants[1] },
      ])
    },
  },
  {
    line: '916-929',
    says: 'a round that only one of both takes for revealed is a conflict, and the server is right',
    holds: async (plan) => {
      const { ada } = await table(plan)
      await plan.api.act(ada, 'start')
      const client_state = await kept(plan, ada)
      await plan.api.act(ada, 'reveal')
      const { sync_data, conflicts_resolved } = (await plan.api.act(ada, 'reconnect', { client_state })).body
      const conflict = {
        type: 'voting_reveal_conflict',
        client_state: false,
        server_state: true,
        resolution: 'Server state takes precedence',
      }
      expect(sync_data.conflicts_resolved).toEqual([conflict])
      expect(conflicts_resolved).toEqual([conflict])
    },
  },
  {
    line: '758, 823',
    says: 'whatever else a client remembers is ignored: a whole session, and members that nobody knows',
    holds: async (plan) => {
      const { ada } = await table(plan)
      const session = await plan.api.session(ada.sessionId)
      const client_state = {
        ...session,
        last_activity: '2026-01-31T09:30:00',
        mood: ['good', { very: true }],
      }
      const { body } = await plan.api.act(ada, 'reconnect', { client_state, device: 'phone' })
      expect(body.sync_data.type).toBe('no_sync_needed')
    },
  },
  {
    line: '937-954',
    says: 'the server’s state, with its checksum of sixteen digits',
    holds: async (plan) => {
      const { ada, bob } = await table(plan)
      expect(await kept(plan, bob)).toEqual({
        session_id: ada.sessionId,
        status: 'waiting',
        participants: [
          expect.objectContaining({ id: ada.userId }),
          expect.objectContaining({ id: bob.userId }),
        ],
        scrum_master_id: ada.userId,
        current_round: null,
        state_version: expect.any(Number),
        grace_period_active: false,
        state_checksum: expect.stringMatching(/^[0-9a-f]{16}$/),
      })
    },
  },
  {
    line: '956-971',
    says: 'what the caller may do; to send people away is the role’s right, whoever is there',
    holds: async (plan) => {
      const alone = await plan.api.create()
      const { sync_data } = (await plan.api.act(alone, 'reconnect')).body
      expect(sync_data.user_permissions).toMatchObject({
        is_scrum_master: true,
        is_participant: true,
        can_start_voting: true,
        can_reveal_votes: false,
        can_vote: false,
        can_reconnect_as_scrum_master: false,
        can_kick_users: true,
      })
    },
  },
  {
    line: '653-674, 960-961, 969',
    says: 'the Scrum Master who is waited for has the role back with this call, and is told so',
    holds: async (plan) => {
      const { ada, bob } = await table(plan)
      const leading = await plan.api.stream(ada).untilType('session_updated')
      const seen = await plan.api.stream(bob).untilType('session_updated')
      leading.close()
      await seen.untilType('grace_period_started')
      const { sync_data } = (await plan.api.act(ada, 'reconnect')).body
      expect(sync_data.user_permissions).toMatchObject({
        is_scrum_master: true,
        can_start_voting: true,
        can_reconnect_as_scrum_master: true,
      })
      expect(sync_data.session).toMatchObject({ status: 'waiting', previous_scrum_master_id: null })
      await seen.untilType('grace_period_ended')
      const again = (await plan.api.act(ada, 'reconnect')).body
      expect(again.sync_data.user_permissions.can_reconnect_as_scrum_master).toBe(false)
      seen.close()
    },
  },
  {
    line: '791-800',
    says: 'everybody is told that somebody is back, and how they were brought up to date',
    holds: async (plan) => {
      const { ada, bob } = await table(plan)
      const seen = await plan.api.stream(ada).untilType('session_updated')
      const stream = await plan.api.stream(bob).untilType('session_updated')
      stream.close()
      await seen.untilType('user_disconnected')
      await plan.api.act(bob, 'reconnect', { client_state: {} })
      await seen.untilType('user_joined')
      expect(seen.frames.at(-1)?.data.data).toMatchObject({
        user_id: bob.userId,
        reconnected: true,
        sync_strategy: 'full_sync',
      })
      seen.close()
    },
  },
]

describePlan('reconnection', ROWS, { DISCONNECT_DEBOUNCE_SECONDS: '0.05' })
