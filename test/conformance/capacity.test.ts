import { Api } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'

let server: InProcess
afterEach(() => server.stop())

const SESSION = { name: 'S', creator_name: 'Ada', creator_avatar: 'fox' }

const createFrom = (api: Api, address: string) =>
  api.post('/api/sessions', { body: SESSION, headers: { 'X-Forwarded-For': address } })

describe('MAX_SESSIONS_PER_ADDRESS', () => {
  test('limits what each address has open, and an ended session frees its place', async () => {
    server = await startInProcess({
      environment: { MAX_SESSIONS: '10', MAX_SESSIONS_PER_ADDRESS: '2', TRUST_PROXY: '1' },
    })
    const api = new Api(server.url)
    const [first] = [await createFrom(api, '203.0.113.1'), await createFrom(api, '203.0.113.1')]
    const refused = await createFrom(api, '203.0.113.1')
    expect(refused).toMatchObject({ status: 429, body: { error_code: 'MAX_SESSIONS_REACHED' } })
    expect(refused.body.context).toMatchObject({ current_count: 2, max_sessions: 2 })
    expect((await createFrom(api, '203.0.113.2')).status).toBe(201)
    const { session_id: sessionId, user_id: userId, user_token: token } = first.body
    await api.request(`/api/sessions/${sessionId}`, { method: 'DELETE', by: { sessionId, userId, token } })
    expect((await createFrom(api, '203.0.113.1')).status).toBe(201)
  })

  test('is off by default', async () => {
    server = await startInProcess({ environment: { MAX_SESSIONS: '10' } })
    const api = new Api(server.url)
    for (let count = 0; count < 10; count += 1) await api.create()
    expect((await api.post('/api/sessions', { body: SESSION })).status).toBe(429)
  })
})
