import net from 'node:net'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'

let server: BuiltServer
let api: Api
let ada: Person
let before: unknown

beforeAll(async () => {
  server = await startBuiltServer({ RATE_LIMITING: 'false', PUBLIC_URL: 'https://poker.example/x' })
  api = new Api(server.url)
  ada = await api.create()
  await api.command(ada, 'start')
  before = await api.session(ada.sessionId)
})

/** Whatever was thrown at it, the server is alive, and the session is as it was. */
afterEach(async () => {
  expect((await api.request('/health')).status).toBe(200)
  // Withdrawing a card that was never played is no fault; it counts as activity and changes nothing else.
  const { expires_at: _, last_activity: __, ...now } = await api.session(ada.sessionId)
  expect(before).toMatchObject(now)
})

afterAll(async () => {
  expect(await server.stop()).toBe(0)
  expect(server.output()).not.toMatch(/uncaught|request failed|Warning/)
})

/** Why: everybody sees a name; invisible characters make people look alike, or reverse the line. */
describe('names', () => {
  test.each([
    ['a null', 'A\u0000'],
    ['a line break', 'A\nB'],
    ['an escape', '\u001b[2J'],
    ['a bidirectional override', 'Ada\u202etxt.exe'],
    ['a bidirectional isolate', '\u2066Ada'],
    ['a zero-width space', 'A\u200bda'],
    ['a zero-width joiner', 'A\u200dda'],
    ['a byte order mark', '\ufeffAda'],
    ['a lone surrogate', 'A\ud800'],
    ['a filler that looks empty', '\u3164'],
    ['a combining grapheme joiner alone', '\u034f'],
    ["Ada's twin", 'Ada\u034f'],
    ['a variation selector alone', '\ufe0f'],
    ['a Mongolian selector alone', '\u180b'],
    ['an inherent vowel alone', '\u17b4'],
    ['an ideographic variation selector alone', '\u{e0100}'],
    ["braille's blank", '\u2800'],
    ['a notehead without ink', '\u{1d159}'],
    ['31 combining marks in a row', `A${'\u0301'.repeat(31)}`],
    ['more marks than anybody normalises', `A${'\u0301'.repeat(4_000)}${'\u0323'.repeat(4_000)}`],
    ['only spaces', '   '],
    ['nothing', ''],
    ['51 characters', 'x'.repeat(51)],
    ['an array', ['Ada']],
    ['an object', { toString: 'Ada' }],
    ['a number', 5],
    ['null', null],
  ])('%s is refused', async (_name, user_name) => {
    const { status, body } = await join({ user_name, user_avatar: 'owl' })
    expect([status, body.error_code]).toEqual([422, 'VALIDATION_ERROR'])
    expect(body.context.issues.map((issue: { path: string }) => issue.path)).toEqual(['user_name'])
  })

  test.each([
    ['50 characters of two code units each', '𝔸'.repeat(50)],
    ['50 flags', '🇩🇪'.repeat(50)],
    ['emoji with joiners', '👩\u200d💻❤\ufe0f'],
    ['Persian with a non-joiner', 'علی\u200cرضا'],
    ['Sinhala with a joiner', 'ශ්\u200dරී'],
    ['decomposed letters', 'Zoe\u0308'],
    ['markup, which is text here', '<b>Ada</b>'],
  ])('%s pass', async (_name, user_name) => {
    const joined = await join({ user_name, user_avatar: 'owl' })
    expect(joined.status).toBe(201)
    expect(joined.body.session.participants.at(-1).name).toBe(user_name.normalize('NFC'))
    await api.post(`/api/sessions/${ada.sessionId}/kick/${joined.body.user_id}`, { by: ada })
    before = await api.session(ada.sessionId)
  })
})

/** Why: composing a run of marks takes quadratic time; a few requests once held everybody up for seconds. */
test('names of nothing but combining marks keep nobody waiting', async () => {
  const marks = `a${'\u0301'.repeat(3_500)}${'\u0323'.repeat(3_500)}`
  const waits: number[] = []
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const joins = Array.from({ length: 20 }, () => join({ user_name: marks, user_avatar: 'owl' }))
    const startedAt = performance.now()
    expect((await api.request('/health')).status).toBe(200)
    waits.push(performance.now() - startedAt)
    for (const { status } of await Promise.all(joins)) expect(status).toBe(422)
  }
  // Other work on the machine can only make the wait longer, never shorter.
  expect(Math.min(...waits)).toBeLessThan(250)
})

/** Why: an avatar ends up in somebody's `src`. */
describe('avatars', () => {
  test.each([
    'javascript:alert(1)',
    'data:image/svg+xml,<svg onload=alert(1)>',
    'https://user:secret@example.org/a.png',
    'https://example.org/"onerror="x',
    '//example.org/a.png',
    '/api/mobile/1/heartbeat',
    '/avatars/../api/x',
    '🦊🦊',
    '',
    ['fox'],
  ])('%j is refused', async (user_avatar) => {
    expect((await join({ user_name: 'Bob', user_avatar })).status).toBe(422)
  })

  test.each(['fox_1-A', 'fox.png', 'avatar 1', '/avatars/1.svg', '👩‍💻', 'http://example.org/a.png?s=1'])(
    '%s passes',
    async (user_avatar) => {
      const joined = await join({ user_name: 'Bob', user_avatar })
      expect(joined.status).toBe(201)
      expect(joined.body.session.participants.at(-1).avatar).toBe(user_avatar)
      await api.post(`/api/sessions/${ada.sessionId}/kick/${joined.body.user_id}`, { by: ada })
      before = await api.session(ada.sessionId)
    },
  )

  /** Why: everybody's browser fetches it, with their cookies. */
  test.each([
    (url: URL) => `http://${url.hostname}/a.png`,
    (url: URL) => `https://${url.hostname}:1/a.png`,
    (url: URL) => `${url.origin}/api/mobile/${ada.sessionId}/heartbeat`,
    () => 'http://2130706433/a.png',
    () => 'http://0x7f.1/a.png',
    () => 'https://poker.example/a.png',
    () => 'https://POKER.example.:444/a.png',
  ])('an address of this server is refused, whatever else is wrong: %#', async (address) => {
    const user_avatar = address(new URL(server.url))
    const message = "must not name this server's own host"
    const { status, body } = await join({ user_name: 'Bob', user_avatar })
    expect([status, body.context.issues]).toEqual([422, [{ path: 'user_avatar', message }]])
    const both = await join({ user_name: '', user_avatar })
    expect(both.body.context.issues).toHaveLength(2)
    const create = { name: 'S', creator_name: 'Ada', creator_avatar: user_avatar }
    expect((await api.post('/api/sessions', { body: create })).body.context.issues[0].path).toBe(
      'creator_avatar',
    )
  })
})

/** Why: keys that mean something to JavaScript must mean nothing here. */
describe('keys and ids that mean something to JavaScript', () => {
  test('in a body are unknown members', async () => {
    expect((await vote('{"__proto__":{"vote":"5"}}')).status).toBe(422)
    expect((await vote('{"constructor":{"vote":"5"}}')).status).toBe(422)
    const body = '{"vote":"5","__proto__":{"admin":true},"constructor":1,"toString":2}'
    expect((await vote(body)).status).toBe(200)
    before = await api.session(ada.sessionId)
    expect(JSON.stringify(before)).not.toMatch(/admin|constructor|toString/)
  })

  test.each(['__proto__', 'constructor', 'toString', '..%2f..', '%00', "'; drop table"])(
    '%s is not a session',
    async (id) => {
      for (const path of [`/api/sessions/${id}`, `/api/sse/${id}`]) {
        expect((await api.request(path)).body.error_code).toBe('SESSION_NOT_FOUND')
      }
      const kicked = await api.post(`/api/sessions/${ada.sessionId}/kick/${id}`, { by: ada })
      expect(kicked.body.error_code).toBe('USER_NOT_FOUND')
    },
  )

  test('client state full of them changes nothing', async () => {
    const client_state =
      '{"state_version":0,"state_checksum":"0000000000000000","current_round":{"id":"__proto__"}}'
    const answer = await api.post(`/api/sessions/${ada.sessionId}/reconnect`, {
      by: ada,
      body: `{"client_state":${client_state}}`,
    })
    // A client's statements about itself are read only in known shapes.
    expect([answer.status, answer.body.sync_data.type]).toEqual([200, 'full_sync'])
  })
})

describe('bodies', () => {
  test.each([
    ['an array where an object belongs', '[]', 422],
    ['a text where an object belongs', '"5"', 400],
    ['a vote that is no card', '{"vote":"4"}', 422],
    ['a vote that is a number', '{"vote":5}', 422],
    ['null where an object belongs', 'null', 422],
    ['JSON of 8,000 levels', '['.repeat(8_000) + ']'.repeat(8_000), 422],
    ['JSON of 100,000 levels', '['.repeat(100_000), 413],
    ['16 KiB of which most is wrong', `{"vote":"${'5'.repeat(16_373)}"}`, 422],
    ['a byte more', `{"vote":"${'5'.repeat(16_374)}"}`, 413],
    ['half of one', '{"vo', 400],
    ['no JSON', 'vote=5', 400],
  ])('%s: %#', async (_name, body, status) => {
    expect((await vote(body)).status).toBe(status)
  })

  test.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset=utf-16', 400],
  ])('as %s', async (type, status) => {
    expect((await vote('{"vote":"5"}', { 'Content-Type': type })).status).toBe(status)
  })

  test('compressed', async () => {
    expect((await vote('{"vote":"5"}', { 'Content-Encoding': 'gzip' })).status).toBe(415)
  })

  test('that are not UTF-8', async () => {
    const answer = await raw(
      `POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 12\r\nConnection: close\r\n\r\n`,
      Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    )
    expect(answer).toMatch(/^HTTP\/1.1 400 .*MALFORMED_REQUEST/s)
  })

  test('of which only half comes: the connection is lost, nothing else', async () => {
    const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.write(
      `POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"na`,
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
  })
})

describe('heads', () => {
  test('larger than anybody needs: 431', async () => {
    expect(await raw(`GET /health HTTP/1.1\r\nHost: x\r\nX-Bomb: ${'x'.repeat(100_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    )
  })

  test('with ten thousand fields: 431', async () => {
    const fields = Array.from({ length: 10_000 }, (_, index) => `X-${index}: y\r\n`).join('')
    expect(await raw(`GET /health HTTP/1.1\r\nHost: x\r\n${fields}\r\n`)).toMatch(/^HTTP\/1.1 431 /)
  })

  test('that are not HTTP: 400', async () => {
    expect(await raw('\u0016\u0003\u0001 hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /)
  })

  test('with a malformed request id: another one is assigned', async () => {
    const given = (id: string) => api.request('/health', { headers: { 'X-Request-Id': id } })
    expect((await given('trace-0123456789')).headers.get('x-request-id')).toBe('trace-0123456789')
    for (const id of ['{"a":1}', 'x'.repeat(129), 'short']) {
      expect((await given(id)).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    }
  })

  /** Why: ids are logged, and clients build them from whatever they have at hand. */
  test('with a request id that contains a token: it is not used, whatever surrounds it', async () => {
    for (const id of [ada.token, `${ada.token}.`, `.${ada.token}`, `req.${ada.token}.1`, `${ada.token}-2`]) {
      const { headers } = await api.request('/health', { headers: { 'X-Request-Id': id } })
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    }
    expect(server.output()).not.toContain(ada.token)
  })
})

/** Why: what costs the server more the longer it is must have a limit, and be cheap long before that. */
describe('as much as fits in a head', () => {
  const much = (part: string) => part.repeat(Math.floor(30_000 / part.length))

  test.each([
    ['parameters', { path: `?${much('a=1&')}` }, 200],
    ['one parameter, again and again', { path: `?${much('user_id=1&')}` }, 422],
    ['parameters that mean something to JavaScript', { path: `?${much('__proto__[a]=1&')}` }, 200],
    ['escapes', { path: `?user_id=${much('%25')}` }, 422],
    ['cookies', { headers: { Cookie: much('a=1; ') } }, 200],
    ['proxies', { headers: { 'X-Forwarded-For': much('::1, ') } }, 200],
    ['languages', { headers: { 'Accept-Language': much('en;q=0.1, ') } }, 200],
    ['spaces before a token', { headers: { Authorization: `Bearer ${much(' ')}!` } }, 401],
    ['a token', { headers: { Authorization: `Bearer ${much('x')}` } }, 401],
    ['entity tags', { headers: { 'If-None-Match': much('"1-1", ') } }, 200],
    ['types', { headers: { Accept: much('text/html, ') } }, 200],
    ['spans', { headers: { traceparent: `00-${much('0')}-` } }, 200],
    ['origins', { headers: { Origin: `https://${much('a.')}` } }, 200],
    ['ids', { headers: { 'X-Request-Id': much('a') } }, 200],
  ])('%s: answered at once', async (_name, { path = '', headers = {} }: Probe, status) => {
    const target = `/api/mobile/${ada.sessionId}/heartbeat${path}`
    const waits: number[] = []
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const startedAt = performance.now()
      const answer = await api.request(target, { by: ada, headers })
      waits.push(performance.now() - startedAt)
      expect(answer.status).toBe(status)
    }
    expect(Math.min(...waits)).toBeLessThan(1_000)
  })

  test('a path of more than 1,024 characters is compared with no route', async () => {
    const path = (length: number) => '/api/sessions/'.padEnd(length, 'x')
    expect((await api.request(path(1_024))).body.error_code).toBe('SESSION_NOT_FOUND')
    expect((await api.request(path(1_025))).body.error_code).toBe('NOT_FOUND')
  })

  test('a path: no such address; a longer one: 431', async () => {
    expect((await api.request(`/${much('a/')}`)).status).toBe(404)
    expect((await api.request(`/api/sessions/${much('%00')}`)).status).toBe(404)
    expect((await api.request(`/api/sessions/${much('%ff')}`)).status).toBe(404)
    expect((await api.request(`/${much('a/')}${much('a/')}`)).status).toBe(431)
  })

  test('a query that names somebody twice is refused, whatever comes first', async () => {
    for (const ids of [`${ada.userId}&user_id=x`, `x&user_id=${ada.userId}`]) {
      const target = `/api/mobile/${ada.sessionId}/heartbeat?user_id=${ids}`
      expect((await api.request(target, { by: ada })).status).toBe(422)
    }
  })
})

interface Probe {
  readonly path?: string
  readonly headers?: Record<string, string>
}

function join(body: unknown) {
  return api.post(`/api/sessions/${ada.sessionId}/join`, { body })
}

function vote(body: string, headers: Record<string, string> = {}) {
  return api.post(`/api/sessions/${ada.sessionId}/vote`, { by: ada, body, headers })
}

/** Sends bytes as they are; returns what comes until the connection ends. */
function raw(head: string, body: Buffer = Buffer.alloc(0)): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1', () => {
      socket.write(head)
      socket.write(body)
    })
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

/** Why: a listener for each of them would live as long as the connection, and Node.js warns of that. */
test('many requests in a row on one connection are answered, and leave nothing behind', async () => {
  const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
  })
  const answers = () => text.split('HTTP/1.1 200').length - 1
  // One that is being answered, and as many as may wait behind it.
  const atOnce = 9
  for (let round = 1; round <= 7; round += 1) {
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(atOnce))
    while (answers() < round * atOnce) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  socket.destroy()
})
