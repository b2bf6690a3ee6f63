import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

let server: BuiltServer
let api: Api

beforeAll(async () => {
  server = await startBuiltServer({ MAX_SESSIONS: '100', RATE_LIMITING: 'false', LOG_REQUESTS: 'false' })
  api = new Api(server.url)
})

afterAll(() => server.stop())

const asText = expect.any(String)

const DEFAULT_SETTINGS = {
  deck: { name: 'magnapp', cards: ['1', '2', '3', '5', '8', '13', '21', 'coffee'] },
  auto_reveal: false,
  round_seconds: null,
  who_may_reveal: 'scrum_master',
  vote_after_reveal: false,
  anonymous_votes: false,
  listed: true,
}

describe('sessions (contract section 5)', () => {
  test('create returns the whole session, its address, and the secret just once', async () => {
    const { status, headers, body } = await api.post('/api/sessions', {
      body: { name: '  Sprint \u00a0 42 ', creator_name: 'Ada', creator_avatar: '🦊' },
    })
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`/api/sessions/${body.session_id}`)
    expect(body.session_id).toMatch(UUID_V4)
    expect(body.user_id).toMatch(UUID_V4)
    expect(Buffer.from(body.user_token, 'base64url').length).toBeGreaterThanOrEqual(16)
    expect(body.join_url).toContain(body.session_id)
    expect(body.session).toEqual({
      id: body.session_id,
      name: 'Sprint 42',
      participants: [
        {
          id: body.user_id,
          name: 'Ada',
          avatar: '🦊',
          role: 'voter',
          is_online: true,
          joined_at: expect.stringMatching(TIMESTAMP),
        },
      ],
      scrum_master_id: body.user_id,
      status: 'waiting',
      current_round: null,
      settings: DEFAULT_SETTINGS,
      room: null,
      stories_version: 0,
      created_at: expect.stringMatching(TIMESTAMP),
      last_activity: asText,
      expires_at: asText,
      grace_period_start: null,
      grace_period_expires: null,
      previous_scrum_master_id: null,
      mobile_optimizations: {},
      state_version: 0,
      state_checksum: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    expect(Date.parse(body.session.expires_at) - Date.parse(body.session.created_at)).toBe(600_000)
  })

  test('the list has an entry for each', async () => {
    const ada = await api.create('Listed')
    await api.join(ada.sessionId)
    const { body } = await api.request('/api/sessions/')
    expect(body).toContainEqual({
      id: ada.sessionId,
      name: 'Listed',
      participant_count: 2,
      seats: 16,
      scrum_master_name: 'Ada',
      status: 'waiting',
      created_at: expect.stringMatching(TIMESTAMP),
    })
  })

  test('an unchanged session is not sent again', async () => {
    const ada = await api.create()
    const path = `/api/sessions/${ada.sessionId}`
    const etag = (await api.request(path)).headers.get('etag') ?? ''
    const unchanged = await api.request(path, { headers: { 'If-None-Match': etag } })
    expect([unchanged.status, unchanged.text]).toEqual([304, ''])
    await api.join(ada.sessionId)
    expect((await api.request(path, { headers: { 'If-None-Match': etag } })).status).toBe(200)
  })

  test('join, leave, kick and transfer', async () => {
    const ada = await api.create()
    const bob = await api.join(ada.sessionId, 'Bob')
    const cyd = await api.join(ada.sessionId, 'Cyd')
    const path = `/api/sessions/${ada.sessionId}`
    await api.command(ada, `transfer?new_master_id=${bob.userId}&current_master_id=${ada.userId}`)
    expect(await api.session(ada.sessionId)).toMatchObject({
      scrum_master_id: bob.userId,
      previous_scrum_master_id: ada.userId,
    })
    await api.command(bob, `kick/${cyd.userId}?kicker_id=${bob.userId}`)
    await api.command(bob, 'leave')
    const session = await api.session(ada.sessionId)
    expect(session.participants.map((user: { name: string }) => user.name)).toEqual(['Ada'])
    expect(session.scrum_master_id).toBe(ada.userId)
    expect((await api.post(`${path}/leave?user_id=${bob.userId}`, { by: bob })).body.error_code).toBe(
      'USER_NOT_FOUND',
    )
    await api.command(ada, 'leave')
    expect((await api.request(path)).body).toMatchObject({
      error_code: 'SESSION_NOT_FOUND',
      context: { expired: true },
    })
  })

  test('pause, resume, extend, end', async () => {
    const ada = await api.create()
    await api.command(ada, 'pause')
    expect((await api.session(ada.sessionId)).status).toBe('paused')
    await api.command(ada, 'resume')
    const { body } = await api.command(ada, 'extend')
    expect(body.expires_at).toBe((await api.session(ada.sessionId)).expires_at)
    expect((await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })).status).toBe(
      200,
    )
    expect((await api.request(`/api/sessions/${ada.sessionId}`)).status).toBe(404)
  })
})

describe('a round', () => {
  test('start, vote, reveal: everybody sees the statistics, and nobody a card before then', async () => {
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const round = () => api.request(`/api/sessions/${ada.sessionId}/round`)
    expect((await round()).body).toBeNull()
    const started = await api.command(ada, 'start')
    expect(started.body.round).toMatchObject({ votes: {}, is_revealed: false, statistics: null })
    await api.command(ada, 'vote', { vote: '5' })
    await api.command(bob, `vote?user_id=${bob.userId}`, { vote: '8' })
    for (const answer of [await round(), await api.request(`/api/sessions/${ada.sessionId}`)]) {
      expect(answer.text).not.toMatch(/"value":"/)
    }
    const { body } = await api.command(ada, 'reveal')
    const statistics = {
      average: 6.5,
      distribution: { 5: 1, 8: 1 },
      consensus: false,
      coffee_votes: 0,
      total_votes: 2,
      median: 6.5,
      mode: ['5', '8'],
      min: 5,
      max: 8,
      agreement: 0.5,
      suggestion: '8',
    }
    expect(body).toMatchObject({ success: true, statistics })
    expect((await round()).body).toEqual({ ...body.round, statistics })
    expect(body.round.votes[bob.userId].value).toBe('8')
  })

  test.each([
    [['1', '2', '2'], { average: 1.67, consensus: false }],
    [['5', '5', 'coffee'], { average: 5, consensus: true, coffee_votes: 1 }],
    [['coffee'], { average: null, consensus: false, coffee_votes: 1, total_votes: 1 }],
    [[], { average: null, consensus: false, total_votes: 0, distribution: {} }],
  ])('%j makes %j', async (cards, expected) => {
    const ada = await api.create()
    const others: Person[] = []
    while (others.length < cards.length) others.push(await api.join(ada.sessionId))
    await api.command(ada, 'start')
    for (const [index, other] of others.entries()) await api.command(other, 'vote', { vote: cards[index] })
    expect((await api.command(ada, 'reveal')).body.statistics).toMatchObject(expected)
  })
})

describe('health', () => {
  test('/health, /livez, /readyz', async () => {
    expect((await api.request('/health')).body).toEqual({
      status: 'healthy',
      timestamp: expect.stringMatching(TIMESTAMP),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      uptime_seconds: expect.any(Number),
    })
    expect((await api.request('/livez')).status).toBe(200)
    expect((await api.request('/readyz/')).status).toBe(200)
  })
})
