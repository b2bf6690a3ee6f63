import { type Answer, Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { TestStream } from '../support/sse.js'

let server: InProcess
let api: Api
let ada: Person
let bob: Person

const LISTED = 'https://poker.example'
const HTTPS = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'own.example' }

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startInProcess({
    environment: { MAX_SESSIONS: '100', CORS_ORIGINS: `["${LISTED}"]`, ...environment },
  })
  api = new Api(server.url)
  ada = await api.create()
  bob = await api.join(ada.sessionId)
}

afterEach(() => server.stop())

const nameOf = (sessionId: string) => `magnapp_${sessionId}`
const cookieOf = ({ sessionId, token }: Person) => `${nameOf(sessionId)}=${token}`
const setCookieOf = ({ headers }: Answer) => headers.get('set-cookie') ?? ''

const extend = (headers: Record<string, string>, query = '') =>
  api.post(`/api/sessions/${ada.sessionId}/extend${query}`, { headers })
const heartbeat = (headers: Record<string, string>, query = '') =>
  api.request(`/api/mobile/${ada.sessionId}/heartbeat${query}`, { headers })

/** The status of a stream, and whom it counts for according to its log line. */
async function stream(headers: Record<string, string>, query = '') {
  const lines = () => server.log().match(/.*"route":"stream".*/g) ?? []
  const before = lines().length
  const opened = new TestStream(server.url, ada.sessionId, { headers, query })
  await opened.until(({ status }) => status !== 0)
  opened.close()
  while (lines().length === before) await new Promise((resolve) => setTimeout(resolve, 5))
  const { user_id } = JSON.parse(lines().at(-1) ?? '')
  return {
    status: opened.status,
    userId: user_id ?? null,
    setCookie: String(opened.headers['set-cookie'] ?? ''),
  }
}

const OWN = () => server.url

/** Where the browser says a request comes from; the statuses of a POST and of a GET with the cookie. */
const ORIGINS: readonly [string, () => Record<string, string>, 200 | 403, 200 | 403][] = [
  ["the server's own page", () => ({ Origin: OWN(), 'Sec-Fetch-Site': 'same-origin' }), 200, 200],
  ["the server's own page, of an older browser", () => ({ Origin: OWN() }), 200, 200],
  ['its GETs', () => ({ 'Sec-Fetch-Site': 'same-origin', Accept: '*/*' }), 200, 200],
  ['PUBLIC_URL', () => ({ Origin: 'https://public.example', 'Sec-Fetch-Site': 'same-origin' }), 200, 200],
  ['a listed neighbour', () => ({ Origin: LISTED, 'Sec-Fetch-Site': 'same-site' }), 200, 200],
  ['a listed stranger', () => ({ Origin: LISTED, 'Sec-Fetch-Site': 'cross-site' }), 200, 200],
  ['a neighbour', () => ({ Origin: 'https://other.example', 'Sec-Fetch-Site': 'same-site' }), 403, 403],
  ["a neighbour's image or link", () => ({ 'Sec-Fetch-Site': 'same-site' }), 403, 403],
  ['a stranger', () => ({ Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }), 403, 403],
  ["a stranger's image or link", () => ({ 'Sec-Fetch-Site': 'cross-site', Accept: 'image/*' }), 403, 403],
  ['a link in a mail', () => ({ 'Sec-Fetch-Site': 'none', Accept: 'text/html' }), 403, 403],
  ['what no browser says', () => ({ 'Sec-Fetch-Site': 'Same-Origin, none' }), 403, 403],
  ['a sandboxed page', () => ({ Origin: 'null' }), 403, 403],
  ['another port', () => ({ Origin: OWN().replace(/\d+$/, '1') }), 403, 403],
  ['another scheme', () => ({ Origin: OWN().replace('http:', 'https:') }), 403, 403],
  ['a listed page with a path', () => ({ Origin: `${LISTED}/` }), 403, 403],
  ['plain http in a LAN', () => ({ Accept: 'text/event-stream' }), 200, 200],
  ['a script in a LAN', () => ({ Accept: '*/*' }), 200, 200],
  ['a link in a LAN', () => ({ Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }), 200, 403],
  ['a link in a LAN, in capitals', () => ({ Accept: 'TEXT/HTML' }), 200, 403],
]

describe('who may act with the cookie (contract section 4)', () => {
  beforeEach(() => start({ PUBLIC_URL: 'https://public.example/poker' }))

  test.each(ORIGINS)('%s', async (_name, origin, post, get) => {
    const headers = { Cookie: `other=1; ${cookieOf(ada)}`, ...origin() }
    expect((await extend(headers)).status).toBe(post)
    expect((await heartbeat(headers)).status).toBe(get)
    expect(await stream(headers)).toMatchObject(
      get === 200 ? { status: 200, userId: ada.userId } : { status: 403 },
    )
  })

  test.each(ORIGINS)(
    'a token in the header acts from %s: no browser sends it by itself',
    async (_name, origin) => {
      const headers = { Authorization: `Bearer ${ada.token}`, ...origin() }
      expect((await extend(headers)).status).toBe(200)
      expect((await heartbeat(headers)).status).toBe(200)
    },
  )

  test.each(ORIGINS)('%s may look', async (_name, origin) => {
    const headers = { Cookie: cookieOf(ada), ...origin() }
    for (const path of ['', '/round', '/events']) {
      expect((await api.request(`/api/sessions/${ada.sessionId}${path}`, { headers })).status).toBe(200)
    }
  })

  test('a listed page may not act when CORS_CREDENTIALS is off', async () => {
    await server.stop()
    await start({ CORS_CREDENTIALS: 'false' })
    expect((await extend({ Cookie: cookieOf(ada), Origin: LISTED })).status).toBe(403)
  })

  test('a cookie is refused when the query names somebody else', async () => {
    const headers = { Cookie: cookieOf(bob) }
    expect((await extend(headers, `?user_id=${bob.userId}`)).status).toBe(200)
    expect((await extend(headers, `?user_id=${ada.userId}`)).status).toBe(403)
  })

  test('the header wins over the cookie', async () => {
    const headers = { Cookie: cookieOf(bob), Authorization: `Bearer ${ada.token}` }
    expect((await api.post(`/api/sessions/${ada.sessionId}/start`, { headers })).status).toBe(200)
  })
})

describe('a poll', () => {
  beforeEach(() => start())

  const poll = (waitSeconds: number, headers: Record<string, string>) =>
    api.request(`/api/sessions/${ada.sessionId}/events?after=1&wait_seconds=${waitSeconds}`, { headers })
  const pollers = () =>
    (server.log().match(/.*"route":"pollEvents".*/g) ?? []).map((line) => JSON.parse(line).user_id)

  test('that waits counts for whoever its token or cookie proves, as a stream does', async () => {
    expect((await poll(0.01, { Authorization: `Bearer ${bob.token}` })).status).toBe(200)
    expect((await poll(0.01, { Cookie: cookieOf(ada) })).status).toBe(200)
    expect((await poll(0.01, { Cookie: cookieOf({ ...ada, token: 'stale' }) })).status).toBe(200)
    expect((await poll(0.01, {})).status).toBe(200)
    while (pollers().length < 4) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(pollers()).toEqual([bob.userId, ada.userId, undefined, undefined])
    expect((await poll(0.01, { Authorization: 'Bearer x' })).status).toBe(403)
  })

  test('from another site is refused when it waits, and is a plain read when it does not', async () => {
    const headers = { Cookie: cookieOf(ada), 'Sec-Fetch-Site': 'cross-site' }
    expect((await poll(0.01, headers)).status).toBe(403)
    expect((await poll(0, headers)).status).toBe(200)
  })
})

describe('several cookies of one name', () => {
  beforeEach(() => start())

  /** Why: a neighbour under the same domain can set one more, with a longer path so that it comes first. */
  test('prove nothing, whichever comes first, and none is cleared', async () => {
    const name = nameOf(ada.sessionId)
    for (const Cookie of [
      `${cookieOf(ada)}; ${cookieOf(bob)}`,
      `${name}=x; ${cookieOf(ada)}`,
      `${cookieOf(ada)}; a=b; ${name}=`,
      `${cookieOf(ada)};${cookieOf(ada)}`,
    ]) {
      const answer = await extend({ Cookie })
      expect([Cookie, answer.status, setCookieOf(answer)]).toEqual([Cookie, 401, ''])
      expect(await stream({ Cookie })).toEqual({ status: 200, userId: null, setCookie: '' })
    }
  })

  test('do not include those with similar names', async () => {
    const Cookie = `x${nameOf(ada.sessionId)}=1; ${cookieOf(ada)}; y=${nameOf(ada.sessionId)}=2; __Host-${cookieOf(bob)}`
    expect((await api.post(`/api/sessions/${ada.sessionId}/start`, { headers: { Cookie } })).status).toBe(200)
  })
})

describe('a cookie that no longer proves anything', () => {
  beforeEach(() => start())

  test('of a participant who was removed counts as none, and is cleared', async () => {
    await api.command(ada, `kick/${bob.userId}`)
    const headers = { Cookie: cookieOf(bob) }
    const refused = await extend(headers)
    expect([refused.status, refused.body.error_code]).toEqual([401, 'AUTHENTICATION_REQUIRED'])
    expect(setCookieOf(refused)).toMatch(
      new RegExp(`^${nameOf(ada.sessionId)}=; Path=/api; Expires=Thu, 01 Jan 1970`),
    )
    const watching = await stream(headers)
    expect(watching).toMatchObject({ status: 200, userId: null })
    expect(watching.setCookie).toMatch(/Expires=Thu, 01 Jan 1970/)
    expect((await api.request(`/api/sessions/${ada.sessionId}`, { headers })).status).toBe(200)
  })

  test('of a session that is over is cleared by any request to it', async () => {
    await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
    const headers = { Cookie: cookieOf(bob) }
    for (const path of [`/api/sessions/${ada.sessionId}`, `/api/sse/${ada.sessionId}`]) {
      const answer = await api.request(path, { headers })
      expect(answer.status).toBe(404)
      expect(setCookieOf(answer)).toMatch(/=; Path=\/api; Expires=Thu, 01 Jan 1970/)
    }
    expect(setCookieOf(await api.request(`/api/sessions/${ada.sessionId}`))).toBe('')
    const other = { Cookie: cookieOf({ ...bob, sessionId: ada.userId }) }
    expect(setCookieOf(await api.request(`/api/sessions/${ada.sessionId}`, { headers: other }))).toBe('')
  })

  test('is cleared on leaving or ending, but not for somebody who stays in the same browser', async () => {
    const leave = (by: Person, headers = {}) =>
      api.post(`/api/sessions/${ada.sessionId}/leave`, { by, headers })
    const cyd = await api.join(ada.sessionId)
    expect(setCookieOf(await leave(cyd, { Cookie: cookieOf(ada) }))).toBe('')
    expect(setCookieOf(await leave(bob, { Cookie: cookieOf(bob) }))).toMatch(/=; .*Expires=Thu, 01 Jan 1970/)
    const dan = await api.join(ada.sessionId)
    expect(setCookieOf(await leave(dan))).toMatch(/=; .*Expires=Thu, 01 Jan 1970/)
    const ended = await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
    expect(setCookieOf(ended)).toMatch(/=; .*Expires=Thu, 01 Jan 1970/)
  })
})

describe('a new cookie', () => {
  const created = (headers: Record<string, string> = {}) =>
    api.post('/api/sessions', { body: { name: 'S', creator_name: 'A', creator_avatar: 'fox' }, headers })

  test('over http is for the API, out of reach of scripts and of other sites', async () => {
    await start()
    const answer = await created()
    expect(setCookieOf(answer)).toMatch(
      new RegExp(
        `^magnapp_${answer.body.session_id}=[\\w-]+; Max-Age=86400; Path=/api; Expires=[^;]+; HttpOnly; SameSite=Lax$`,
      ),
    )
  })

  test('over https is for this very host', async () => {
    await start({ TRUST_PROXY: '1' })
    const answer = await created(HTTPS)
    expect(setCookieOf(answer)).toMatch(
      new RegExp(
        `^__Host-magnapp_${answer.body.session_id}=[\\w-]+; Max-Age=86400; Path=/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$`,
      ),
    )
    const { session_id, user_token } = answer.body
    const act = (name: string, headers: Record<string, string>) =>
      api.post(`/api/sessions/${session_id}/extend`, {
        headers: { Cookie: `${name}=${user_token}`, ...headers },
      })
    const own = { ...HTTPS, Origin: 'https://own.example' }
    expect((await act(`__Host-magnapp_${session_id}`, own)).status).toBe(200)
    expect((await act(`magnapp_${session_id}`, own)).status).toBe(401)
    expect((await act(`__Host-magnapp_${session_id}`, {})).status).toBe(401)
    const left = await api.request(`/api/sessions/${session_id}`, {
      method: 'DELETE',
      headers: { ...own, Cookie: `__Host-magnapp_${session_id}=${user_token}` },
    })
    expect(setCookieOf(left)).toMatch(
      /^__Host-magnapp_[^=]+=; Path=\/; Expires=Thu, 01 Jan 1970 [^;]+; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  test('is not one for https on the word of an untrusted proxy', async () => {
    await start()
    expect(setCookieOf(await created(HTTPS))).toMatch(/^magnapp_/)
  })

  test.each([
    ['10', 86_400],
    ['1440.5', 86_430],
    ['10080', 604_800],
  ])('with SESSION_TIMEOUT_MINUTES=%s expires after %i seconds', async (SESSION_TIMEOUT_MINUTES, seconds) => {
    await start({ SESSION_TIMEOUT_MINUTES })
    expect(setCookieOf(await created())).toContain(`; Max-Age=${seconds};`)
  })
})

describe('IDENTITY=open', () => {
  beforeEach(() => start({ IDENTITY: 'open' }))

  test('whoever the query names acts, whatever cookie the browser has', async () => {
    await api.command(ada, `kick/${(await api.join(ada.sessionId)).userId}`)
    const cookies = [
      cookieOf(bob),
      cookieOf({ ...bob, token: 'stale' }),
      `${cookieOf(bob)}; ${cookieOf(ada)}`,
    ]
    for (const Cookie of cookies) {
      expect((await extend({ Cookie }, `?user_id=${ada.userId}`)).status).toBe(200)
      expect(await stream({ Cookie }, `?user_id=${ada.userId}`)).toMatchObject({
        status: 200,
        userId: ada.userId,
      })
    }
    const started = await api.post(`/api/sessions/${ada.sessionId}/start?user_id=${ada.userId}`, {
      headers: { Cookie: cookieOf(bob), Origin: 'https://evil.example' },
    })
    expect(started.status).toBe(200)
  })

  test('without a name the cookie acts, and a stale one may only watch', async () => {
    expect((await extend({ Cookie: cookieOf(ada) })).status).toBe(200)
    expect((await extend({ Cookie: cookieOf({ ...ada, token: 'stale' }) })).status).toBe(401)
    expect(await stream({ Cookie: cookieOf({ ...ada, token: 'stale' }) })).toMatchObject({
      status: 200,
      userId: null,
    })
  })
})

/** Why: a browser keeps 180 cookies of a host and sends them all; they once did not fit a 16 KiB head. */
test('a browser that keeps its cookies can always create another session', async () => {
  await start({ RATE_LIMITING: 'false', MAX_SESSIONS: '1000', LOG_REQUESTS: 'false' })
  const jar: string[] = []
  for (let session = 0; session < 240; session += 1) {
    const { status, headers } = await api.post('/api/sessions', {
      body: { name: 'Daily', creator_name: 'Ada', creator_avatar: 'fox' },
      headers: { Cookie: jar.join('; '), Origin: server.url },
    })
    expect(status).toBe(201)
    jar.push(headers.get('set-cookie')?.split(';')[0] ?? '')
  }
})
