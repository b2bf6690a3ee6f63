import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'

let server: BuiltServer
let api: Api
let ada: Person
let bob: Person

beforeAll(async () => {
  server = await startBuiltServer({ MAX_SESSIONS: '10', CORS_ORIGINS: '["https://poker.example"]' })
  api = new Api(server.url)
  ada = await api.create()
  bob = await api.join(ada.sessionId)
})

afterAll(() => server.stop())

const extend = (query: string, headers: Record<string, string>) =>
  api.post(`/api/sessions/${ada.sessionId}/extend${query}`, { headers })

describe('identity by token (contract section 4)', () => {
  test('no token: 401, which says how to authenticate', async () => {
    const { status, headers, body } = await extend('', {})
    expect([status, body.error_code]).toEqual([401, 'AUTHENTICATION_REQUIRED'])
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/)
  })

  test('a bare user_id is not enough', async () => {
    expect((await extend(`?user_id=${ada.userId}`, {})).status).toBe(401)
  })

  test("somebody else's token: 403", async () => {
    const answer = await extend(`?user_id=${ada.userId}`, { Authorization: `Bearer ${bob.token}` })
    expect([answer.status, answer.body.error_code]).toEqual([403, 'UNAUTHORIZED'])
  })

  test('a token of another session: 403', async () => {
    const other = await api.create()
    expect((await extend('', { Authorization: `Bearer ${other.token}` })).status).toBe(403)
  })

  test.each(['Basic YTpi', 'Bearer', 'Bearer a b', 'nonsense'])(
    'Authorization: %s is no token',
    async (Authorization) => {
      expect((await extend('', { Authorization })).status).toBe(401)
    },
  )

  test('only the Scrum Master may lead, and the refusal says so', async () => {
    const { status, body } = await api.post(`/api/sessions/${ada.sessionId}/start`, { by: bob })
    expect([status, body.error_code, body.context]).toMatchObject([
      403,
      'UNAUTHORIZED',
      { session_id: ada.sessionId, user_id: bob.userId, required_role: 'scrum_master' },
    ])
  })

  test('a user_id that names nobody: 404; a malformed one: 422', async () => {
    const nobody = '00000000-0000-4000-8000-000000000000'
    const headers = { Authorization: `Bearer ${ada.token}` }
    expect((await extend(`?user_id=${nobody}`, headers)).body.error_code).toBe('USER_NOT_FOUND')
    expect((await extend('?user_id=__proto__', headers)).status).toBe(422)
    const twice = await extend(`?user_id=${ada.userId}&user_id=${bob.userId}`, headers)
    expect([twice.status, twice.body.context.issues]).toEqual([
      422,
      [{ path: 'query.user_id', message: 'must be given once' }],
    ])
  })

  test('no token appears in any list, session, event or log line', async () => {
    const answers = await Promise.all(
      ['', `/${ada.sessionId}`, `/${ada.sessionId}/events`].map((path) =>
        api.request(`/api/sessions${path}`),
      ),
    )
    const all = answers.map((answer) => answer.text).join() + server.output()
    expect(all).toContain(ada.sessionId)
    for (const { token } of [ada, bob]) expect(all).not.toContain(token)
  })
})

describe('IDENTITY=open', () => {
  test('a bare user_id is enough; a wrong token still is not, and nor is nothing at all', async () => {
    const open = await startBuiltServer({ IDENTITY: 'open' })
    const openApi = new Api(open.url)
    const eve = await openApi.create()
    const path = `/api/sessions/${eve.sessionId}/extend`
    expect((await openApi.post(`${path}?user_id=${eve.userId}`)).status).toBe(200)
    expect((await openApi.post(path, { by: eve })).status).toBe(200)
    expect((await openApi.post(path)).status).toBe(401)
    const guess = { ...eve, token: 'guess' }
    expect((await openApi.post(`${path}?user_id=${eve.userId}`, { by: guess })).status).toBe(403)
    expect(await open.stop()).toBe(0)
  })
})
