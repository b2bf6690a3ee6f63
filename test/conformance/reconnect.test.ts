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

/** What a client that looks now would remember. */
async function look() {
  const { state_version, state_checksum, participants, current_round } = await api.session(ada.sessionId)
  return { state_version, state_checksum, participants, current_round }
}

const reconnect = async (client_state?: unknown) =>
  (await api.command(ada, 'reconnect', { client_state })).body

describe('reconnect (contract section 7)', () => {
  test('a client that missed nothing needs nothing, and makes no event', async () => {
    const client = await look()
    expect(await reconnect(client)).toMatchObject({
      success: true,
      sync_data: { type: 'no_sync_needed', state_version: client.state_version },
      conflicts_resolved: [],
      your_vote: null,
    })
    expect((await look()).state_version).toBe(client.state_version)
  })

  test('the checksum can be computed from the rest, by anybody', async () => {
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
    expect(sync_data).toMatchObject({ type: 'delta_sync', from_version: 1, to_version: 4 })
    expect(sync_data.changes).toEqual([
      { type: 'participant_added', user: expect.objectContaining({ id: cyd.userId }), position: 2 },
      { type: 'voting_state_changed', current_round: server_state.current_round },
      { type: 'status_changed', status: 'voting', scrum_master_id: ada.userId, grace_period_active: false },
    ])
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
    expect(sync_data.recommended_actions).toEqual(['start_voting'])
  })

  test('the own hidden vote comes back to its voter alone', async () => {
    await api.command(ada, 'start')
    await api.command(bob, 'vote', { vote: '13' })
    const own = (await api.command(bob, 'reconnect', {})).body
    expect(own.your_vote).toMatchObject({ user_id: bob.userId, value: '13' })
    expect(own.server_state.current_round.votes[bob.userId].value).toBeNull()
    expect((await reconnect()).your_vote).toBeNull()
  })

  test('a client that takes the round for revealed is set right', async () => {
    await api.command(ada, 'start')
    const client = await look()
    await api.command(ada, 'reveal')
    const { conflicts_resolved } = await reconnect(client)
    expect(conflicts_resolved).toEqual([
      {
        field: 'current_round.is_revealed',
        client_value: false,
        server_value: true,
        resolution: 'server_wins',
      },
    ])
  })

  test('somebody who is not in the session: 404', async () => {
    await api.command(bob, 'leave')
    const answer = await api.post(`/api/sessions/${ada.sessionId}/reconnect?user_id=${bob.userId}`, {
      by: bob,
    })
    expect([answer.status, answer.body.error_code]).toEqual([404, 'USER_NOT_FOUND'])
  })
})
