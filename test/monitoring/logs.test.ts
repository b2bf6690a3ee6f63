import http from 'node:http'
import { Writable } from 'node:stream'
import { systemClock } from '../../src/platform/clock.js'
import { readConfig } from '../../src/platform/config.js'
import { createLogger } from '../../src/platform/logger.js'
import { Api } from '../support/api.js'
import { fragile } from '../support/fragile-chart.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { linesOf, logLines, waitUntil } from '../support/log-lines.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`

let server: InProcess | null = null

afterEach(async () => {
  await server?.stop()
  server = null
})

async function start(options: Parameters<typeof startInProcess>[0] = {}) {
  server = await startInProcess(options)
  return {
    api: new Api(server.url),
    server,
    lines: (message: string) => linesOf(server?.log() ?? '', message),
  }
}

describe('one line per request', () => {
  test('says who asked for what, where, and how it went', async () => {
    const { api, lines } = await start()
    const ada = await api.create()
    await api.request(`/api/sessions/${ada.sessionId}/extend?user_id=${ada.userId}`, {
      method: 'POST',
      by: ada,
      headers: { 'X-Request-Id': 'from-the-client', traceparent: TRACEPARENT },
    })
    await waitUntil(() => lines('request').length === 2)
    const [created, extended] = lines('request')
    expect(created).toMatchObject({ session_id: ada.sessionId, user_id: ada.userId, status: 201 })
    expect(extended).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      request_id: 'from-the-client',
      trace_id: TRACE,
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      session_id: ada.sessionId,
      user_id: ada.userId,
      method: 'POST',
      route: 'extendSession',
      path: `/api/sessions/${ada.sessionId}/extend`,
      status: 200,
      duration_ms: expect.any(Number),
      msg: 'request',
    })
  })

  test('is written for refusals too, with the route where there is one', async () => {
    const { api, lines } = await start({ environment: { MAX_REQUEST_SIZE: '1024' } })
    await api.post('/api/sessions', { body: { name: 'x'.repeat(2_000) } })
    await api.request('/nowhere/to/be/found')
    await api.request('/api/sessions/nonsense')
    await waitUntil(() => lines('request').length === 3)
    expect(lines('request').map(({ route, path, status }) => [route, path, status])).toEqual([
      ['createSession', '/api/sessions', 413],
      [null, '/*/*/*/*', 404],
      ['getSession', '/api/sessions/*', 404],
    ])
  })

  test('is written when a stream closes, and when a client leaves before the answer', async () => {
    const { api, server, lines } = await start()
    const ada = await api.create()
    const stream = await new TestStream(server.url, ada.sessionId, { token: ada.token }).untilType(
      'session_updated',
    )
    expect(lines('request')).toHaveLength(1)
    stream.close()
    const leaving = http.get(`${server.url}/api/sessions/${ada.sessionId}/events?wait_seconds=20`)
    leaving.on('error', () => {})
    const [host] = server.services.supervisor.sessions()
    await waitUntil(() => host?.readers.count === 1 && lines('request').length === 2)
    leaving.destroy()
    await waitUntil(() => lines('request').length === 3)
    expect(lines('request').slice(1)).toEqual([
      expect.objectContaining({ route: 'stream', status: 200, user_id: ada.userId }),
      expect.objectContaining({ route: 'pollEvents', aborted: true }),
    ])
  })

  test('is written with LOG_REQUESTS=false only for requests answered with an error', async () => {
    const { api, server, lines } = await start({ environment: { LOG_REQUESTS: 'false' } })
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const headers = { 'User-Agent': 'poker/1.0' }
    const path = `/api/sessions/${ada.sessionId}`
    await api.post(`${path}/start`, { by: bob, headers })
    await api.post(`${path}/vote`, { by: bob, headers, body: { vote: '5' } })
    await api.post(`${path}/start`, { headers })
    server.services.supervisor.drain()
    await api.post(`${path}/start`, { by: ada, headers })
    await api.request('/readyz', { headers })
    await waitUntil(() => lines('request').length === 5)
    const by = { session_id: ada.sessionId, user_id: bob.userId, user_agent: 'poker/1.0' }
    expect(lines('request')).toEqual([
      expect.objectContaining({ level: 'warn', error_code: 'UNAUTHORIZED', status: 403, ...by }),
      expect.objectContaining({ level: 'info', error_code: 'VOTING_ERROR', status: 400, ...by }),
      expect.objectContaining({ level: 'warn', error_code: 'AUTHENTICATION_REQUIRED', status: 401 }),
      expect.objectContaining({ level: 'error', error_code: 'SERVICE_UNAVAILABLE', status: 503 }),
      // Just what the probe wanted to know.
      expect.objectContaining({ level: 'info', error_code: 'SERVICE_UNAVAILABLE', route: 'ready' }),
    ])
    expect(logLines(server.log()).map(({ msg }) => msg)).toEqual([
      'session created',
      ...Array(5).fill('request'),
    ])
  })
})

describe('the request id and the trace', () => {
  test('are on every line that a request causes, and on no other', async () => {
    const { machine, fuse } = fragile('extend')
    const { api, server } = await start({ machine })
    const ada = await api.create()
    fuse.isLit = true
    const headers = { 'X-Request-Id': 'the-culprit', traceparent: TRACEPARENT }
    await api.post(`/api/sessions/${ada.sessionId}/extend`, { by: ada, headers })
    await waitUntil(() => linesOf(server.log(), 'request').length === 2)
    await server.stop()
    const caused = logLines(server.log()).filter((line) => line['request_id'] === 'the-culprit')
    expect(caused.map(({ level, msg, trace_id }) => [level, msg, trace_id])).toEqual([
      ['error', 'session actor failed', TRACE],
      ['warn', 'session actor restarted', TRACE],
      ['error', 'request', TRACE],
    ])
  })

  test('are not on lines that a timer causes', async () => {
    const clock = new SimulatedClock(Date.now())
    const { api, lines } = await start({ clock })
    await api.create()
    clock.increment(60 * 60_000)
    expect(lines('session ended')).toHaveLength(1)
    expect(lines('session ended')[0]).not.toHaveProperty('request_id')
  })

  test('go back to the client: the same id, and the same trace with a span of our own', async () => {
    const { api } = await start()
    const given = (headers: Record<string, string>) => api.request('/health', { headers })
    const { headers } = await given({ traceparent: TRACEPARENT })
    expect(headers.get('traceparent')).toMatch(
      new RegExp(`^00-${TRACE}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`),
    )
    expect((await given({ traceparent: 'nonsense' })).headers.get('traceparent')).toBeNull()
    const token = 'kQ3v_Yt0GkXlqU1nZ2d5bXh8c1pWQmFzZTY0dXJsLXR'
    expect((await given({ 'X-Request-Id': token })).headers.get('x-request-id')).not.toBe(token)
  })
})

describe('the life of a session', () => {
  test('is in the log: created, ended, and why', async () => {
    const { api, lines } = await start()
    const ada = await api.create()
    await api.command(ada, 'start')
    await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
    expect(lines('session created')).toEqual([
      expect.objectContaining({ level: 'info', session_id: ada.sessionId, user_id: ada.userId }),
    ])
    expect(lines('session ended')).toEqual([
      expect.objectContaining({
        level: 'info',
        session_id: ada.sessionId,
        reason: 'ended',
        events: 2,
        participants: 1,
        duration_seconds: expect.any(Number),
      }),
    ])
  })

  test('is given up, and logged, when its actor fails too often', async () => {
    const { machine, fuse } = fragile('extend')
    const { api, server } = await start({ machine })
    const ada = await api.create()
    for (let failure = 0; failure < 4; failure += 1) {
      fuse.isLit = true
      await api.post(`/api/sessions/${ada.sessionId}/extend`, { by: ada })
    }
    const told = logLines(server.log()).filter(({ msg }) => msg !== 'request')
    const failed = [
      ['error', 'session actor failed'],
      ['warn', 'session actor restarted'],
    ]
    expect(told.map(({ level, msg }) => [level, msg])).toEqual([
      ['info', 'session created'],
      ...failed,
      ...failed,
      ...failed,
      ['error', 'session actor failed'],
      ['error', 'session actor given up'],
      ['error', 'session ended'],
    ])
    expect(told.at(-1)).toMatchObject({ reason: 'failed' })
  })
})

test.each([
  ['WARN', ['warn', 'error']],
  ['Info', ['info', 'warn', 'error']],
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['silent', []],
])('LOG_LEVEL=%s, in any case, logs that level and up', (LOG_LEVEL, levels) => {
  let log = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk
      done()
    },
  })
  const logger = createLogger(readConfig({ LOG_LEVEL }), systemClock, sink)
  for (const level of ['debug', 'info', 'warn', 'error'] as const) logger[level]('hello')
  expect(logLines(log).map(({ level }) => level)).toEqual(levels)
  log = ''
  for (const level of ['info', 'warn', 'error'] as const)
    logger.writeLine(level, [{ status: 200 }], 'request')
  expect(logLines(log).map(({ level }) => level)).toEqual(levels.filter((level) => level !== 'debug'))
})

test('a line written without pino looks like one of its own', () => {
  const texts: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      texts.push(String(chunk))
      done()
    },
  })
  const logger = createLogger(readConfig({}), new SimulatedClock(), sink)
  const [fields, others] = [
    { path: '/"\n', status: 200 },
    { route: null, user_agent: undefined },
  ]
  logger.info({ ...fields, ...others }, 'request')
  logger.writeLine('info', [fields, {}, others], 'request')
  expect(texts[1]).toBe(texts[0])
})

test('of an error, only its own members are logged', () => {
  let log = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk
      done()
    },
  })
  const error = Object.assign(new Error('outer', { cause: new TypeError('inner') }), {
    code: 'EWHY',
    body: 'user_token=secret',
  })
  createLogger(readConfig({}), systemClock, sink).error({ err: error }, 'failed')
  expect(logLines(log)[0]?.['err']).toMatchObject({
    type: 'Error',
    message: 'outer',
    code: 'EWHY',
    stack: expect.stringContaining('logs.test'),
    cause: { type: 'TypeError', message: 'inner' },
  })
  expect(log).not.toContain('secret')
})
