import fc from 'fast-check'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { TestStream } from '../support/sse.js'
import { anyRequest, type HostileRequest, send } from './hostile-requests.js'

/** How many requests; more of them for an afternoon: HOSTILE_REQUESTS=100000. */
const REQUESTS = Number(process.env['HOSTILE_REQUESTS'] ?? 3_000)

let server: BuiltServer
let api: Api
let ada: Person
let bob: Person
/** Leads a session of her own, and knows the other one's ids. */
let mallory: Person
let stream: TestStream

beforeAll(async () => {
  server = await startBuiltServer({
    RATE_LIMITING: 'false',
    MAX_SESSIONS: '20',
    PUBLIC_URL: 'https://poker.example',
  })
  api = new Api(server.url)
  ada = await api.create()
  bob = await api.join(ada.sessionId)
  await api.command(ada, 'start')
  await api.command(bob, 'vote', { vote: '8' })
  mallory = await api.create('Mallory')
  stream = await new TestStream(server.url, ada.sessionId, { token: ada.token }).untilType('session_updated')
})

afterAll(async () => {
  stream.close()
  await server.stop()
})

/** Why: whoever knows a session's link can send anything, and must achieve no more than a refusal. */
test('whatever a stranger sends is answered at once, without a fault, and affects nobody', async () => {
  const before = await api.session(ada.sessionId)
  const seats = before.participants.length
  const known = {
    SESSION: ada.sessionId,
    LEADER: ada.userId,
    MEMBER: bob.userId,
    OWN: mallory.sessionId,
    TOKEN: mallory.token,
  }
  await fc.assert(
    fc.asyncProperty(anyRequest, async (request) => {
      fc.pre(!isAllowed(request))
      const { status, type, text } = await send(server.url, request, { known })
      expect([status, status < 500]).toEqual([status, true])
      for (const { token } of [ada, bob]) expect(text).not.toContain(token)
      if (status >= 400 && text !== '') {
        expect(type).toMatch(/^application\/problem\+json/)
        expect(Object.keys(JSON.parse(text))).toEqual(
          expect.arrayContaining(['error_code', 'message', 'request_id']),
        )
      }
      expect(text).not.toMatch(/"value":"8"|node_modules|\bat .*\.(?:ts|js|cjs):\d/)
    }),
    { numRuns: REQUESTS },
  )
  const after = await api.session(ada.sessionId)
  expect(after.participants.length).toBe(seats)
  expect(after).toEqual(before)
  expect(stream.isClosed).toBe(false)
  expect(server.output()).not.toMatch(/uncaught|request failed|"level":"error"|Warning/)
}, 600_000)

/** Whoever has a link may take a seat, and whoever leads a session may end it: neither is requested here. */
function isAllowed({ method, path }: HostileRequest): boolean {
  return (
    /(?:SESSION|OWN)\/+join/.test(path) ||
    /OWN\/+leave/.test(path) ||
    (method === 'DELETE' && path.includes('OWN'))
  )
}
