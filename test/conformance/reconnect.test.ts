import { createHash } from 'node:crypto'
import { canonicalJson } from '../../src/sync/canonical-json.js'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'

let server: BuiltServer
let api: Api
let ada: Person
let bob: Person

beforeAll(async () => {
  server = await startBuiltServer({ MAX_SESSIONS: '100', RATE_LIMITING: 'false' })
  api = new Api(server.url)
})

beforeEach(async () => {
  ada = await api.create()
  bob = await api.join(ada.sessionId)
})

afterAll(() => server.stop())

/** What a client that looks now would remember of it. */
async function look() {
  const { state_version, state_checksum, participants, current_round } = await api.session(ada.sessionId)
  return { state_version, state_checksum, participants, current_round }
}

const reconnect = async (client_state?: unknown) =>
  (await api.command(ada, 'reconnect', { client_state })).body

describe('reconnect (contract section 7)', () => {
  test('a client that missed nothing gets nothing, and causes no event', async () => {
    const client = await look()
    expect(await reconnect(client)).toMatchObject({
      success: true,
      sync_data: { type: 'no_sync_needed', message: 'Client state is current' },
      conflicts_resolved: [],
      your_vote: null,
      message: 'No synchronization needed',
    })
    expect((await look()).state_version).toBe(client.state_version)
  })

  test('anybody can compute the checksum from the rest', async () => {
    await api.command(ada, 'start')
    await api.command(bob, 'vote', { vote: '5' })
    const { state_checksum, ...rest } = (await reconnect()).server_state
    const text = canonicalJson(rest)
    expect(createHash('sha256').update(text).digest('hex').slice(0, 16)).toBe(state_checksum)
    expect(text).toContain('"value":null')
    expect((await look()).state_checksum).toBe(state_checksum)
  })

  test('one to five versions behind: the changes', async () => {
    const client = await look()
    await api.command(ada, 'start')
    await api.command(bob, 'vote', { vote: '5' })
    const cyd = await api.join(ada.sessionId, 'Cyd')
    const { sync_data, server_state } = await reconnect(client)
    expect(sync_data).toEqual({
      type: 'delta_sync',
      changes: [
        { type: 'participant_added', data: expect.objectContaining({ id: cyd.userId }), position: 2 },
        { type: 'voting_state_changed', data: server_state.current_round },
        {
          type: 'status_changed',
          data: { status: 'voting', scrum_master_id: ada.userId, grace_period_active: false },
        },
      ],
      conflicts_resolved: [],
      recommended_actions: expect.any(Array),
    })
  })

  test.each([
    ['too far behind', 'too_far_behind', async () => ({ ...(await look()), state_version: 0 })],
    ['ahead', 'ahead_of_server', async () => ({ ...(await look()), state_version: 99 })],
    [
      'another checksum',
      'checksum_mismatch',
      async () => ({ ...(await look()), state_checksum: '0'.repeat(16) }),
    ],
    ['no state', 'no_client_state', async () => undefined],
    ['an empty state', 'no_client_state', async () => ({})],
    ['null', 'no_client_state', async () => null],
  ])('%s: everything', async (_name, reason, client) => {
    for (let vote = 0; vote < 6; vote += 1) await api.command(ada, 'extend')
    const { sync_data } = await reconnect(await client())
    expect(sync_data).toMatchObject({ type: 'full_sync', reason })
    expect(sync_data.session).toEqual(await api.session(ada.sessionId))
    expect(sync_data.user_permissions).toEqual({
      is_scrum_master: true,
      is_participant: true,
      can_start_voting: true,
      can_reveal_votes: false,
      can_vote: false,
      can_pause: true,
      can_resume: false,
      can_kick_users: true,
      can_reconnect_as_scrum_master: false,
    })
    expect(sync_data.recommended_actions).toEqual([
      'Update local session state',
      'Refresh voting UI if needed',
      'Update user list display',
    ])
  })

  test('changed settings and stories are included for a client that says what it has', async () => {
    const client = await api.session(ada.sessionId)
    const path = `/api/sessions/${ada.sessionId}`
    const settings = { method: 'PATCH', by: ada, body: { auto_reveal: true } }
    await api.request(`${path}/settings`, settings)
    await api.post(`${path}/stories`, { by: ada, body: { title: 'Log in' } })
    const { sync_data } = await reconnect(client)
    expect(sync_data).toMatchObject({
      type: 'delta_sync',
      changes: [
        { type: 'settings_changed', data: { auto_reveal: true } },
        { type: 'stories_changed', data: { stories_version: 1 } },
      ],
    })
    const { settings: _, stories_version: __, ...less } = client
    const types = (await reconnect(less)).sync_data.changes.map(({ type }: { type: string }) => type)
    expect(types).not.toContain('settings_changed')
    expect(types).not.toContain('stories_changed')
  })

  test('a hidden vote comes back to its voter alone', async () => {
    await api.command(ada, 'start')
    await api.command(bob, 'vote', { vote: '13' })
    const own = (await api.command(bob, 'reconnect', {})).body
    expect(own.your_vote).toMatchObject({ user_id: bob.userId, value: '13' })
    expect(own.server_state.current_round.votes[bob.userId].value).toBeNull()
    expect((await reconnect()).your_vote).toBeNull()
  })

  test('a client that is wrong about the reveal is corrected', async () => {
    await api.command(ada, 'start')
    const client = await look()
    await api.command(ada, 'reveal')
    const { conflicts_resolved, sync_data } = await reconnect(client)
    expect(conflicts_resolved).toEqual([
      {
        type: 'voting_reveal_conflict',
        client_state: false,
        server_state: true,
        resolution: 'Server state takes precedence',
      },
    ])
    expect(sync_data.conflicts_resolved).toEqual(conflicts_resolved)
  })

  test('somebody who is not in the session gets a 404', async () => {
    await api.command(bob, 'leave')
    const answer = await api.post(`/api/sessions/${ada.sessionId}/reconnect?user_id=${bob.userId}`, {
      by: bob,
    })
    expect([answer.status, answer.body.error_code]).toEqual([404, 'USER_NOT_FOUND'])
  })
})
