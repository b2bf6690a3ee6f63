import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { BehindProxy } from '../support/behind-proxy.js'
import { HOST } from '../support/front-proxy.js'
import type { Http2Api, Http2Stream } from '../support/http2-api.js'
import { waitUntil } from '../support/log-lines.js'

/** The requirement: for a stream's first byte, and for an event from its command to every reader. */
const DELAY_MS_MAX = 100
/** As many as a browser has tabs, over its one connection. */
const STREAMS = 20

const HEARTBEAT_MS = 2_000

const SETTINGS = {
  MAX_SESSIONS: '100',
  HEARTBEAT_SECONDS: String(HEARTBEAT_MS / 1_000),
  DISCONNECT_DEBOUNCE_SECONDS: '0.05',
  MAX_STREAMS_PER_PARTICIPANT: String(STREAMS),
}

describe.each(['nginx', 'haproxy', 'caddy'] as const)('behind %s with the shipped file', (name) => {
  const stand = BehindProxy.forTests(name, SETTINGS)
  if (stand === null) return test.skip('a client is served', () => {})

  test(`${STREAMS} streams over one connection each get every event within ${DELAY_MS_MAX} ms`, async () => {
    const api = await stand.client()
    const ada = await api.create()
    const streams: Http2Stream[] = []
    for (let count = 0; count < STREAMS; count += 1) {
      const stream = api.stream(ada.sessionId, { token: ada.token })
      streams.push(await stream.untilType('session_updated'))
      expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8')
      expect(stream.headers['content-encoding']).toBeUndefined()
    }
    expect(median(streams.map((stream) => stream.firstByteMs ?? Number.NaN))).toBeLessThan(DELAY_MS_MAX)

    const delays: number[] = []
    const everybodyHas = async (version: number, startedAt: number) => {
      await Promise.all(streams.map((stream) => stream.untilVersion(version)))
      delays.push(performance.now() - startedAt)
    }
    let version = (await api.session(ada.sessionId)).state_version
    for (let round = 0; round < 4; round += 1) {
      for (const [command, body] of ROUND) {
        const startedAt = performance.now()
        const answered = api.command(ada, command, body)
        version += command === 'reveal' ? 2 : 1
        await everybodyHas(version, startedAt)
        await answered
      }
    }
    expect(median(delays)).toBeLessThan(DELAY_MS_MAX)
    const ids = streams.map((stream) => stream.events.map((event) => event.id))
    expect(new Set(ids.map(String)).size).toBe(1)
    expect(ids[0]).toHaveLength(4 * (ROUND.length + 1))
  })

  test('a silent stream stays open and hears the heartbeat', async () => {
    const api = await stand.client()
    const ada = await api.create()
    const stream = api.stream(ada.sessionId)
    await stream.until(({ comments }) => comments.includes('heartbeat'))
    expect(stream.isClosed).toBe(false)
  })

  test('Last-Event-ID passes: exactly what was missed', async () => {
    const api = await stand.client()
    const ada = await api.create()
    const { state_version: seen } = await api.session(ada.sessionId)
    await api.command(ada, 'start')
    await api.command(ada, 'vote', { vote: '5' })
    const stream = api.stream(ada.sessionId, { lastEventId: seen })
    await stream.untilVersion(seen + 2)
    expect(stream.types).toEqual(['voting_started', 'vote_submitted'])
  })

  test('a stream that the browser closes is closed on the server at once', async () => {
    const api = await stand.client()
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const watcher = api.stream(ada.sessionId)
    await watcher.untilType('session_updated')
    const stream = api.stream(ada.sessionId, { token: bob.token })
    await stream.untilType('session_updated')
    const closedAt = performance.now()
    stream.close()
    const { frames } = await watcher.untilType('user_disconnected')
    expect(performance.now() - closedAt).toBeLessThan(HEARTBEAT_MS / 2)
    expect(frames.at(-1)?.data.data).toEqual({ user_id: bob.userId })
  })

  test("each client is counted by its own address, and a forged one isn't believed", async () => {
    const [here, there] = [await stand.client('127.0.0.21'), await stand.client('127.0.0.22')]
    const left = async (api: Http2Api, headers?: Record<string, string>) => {
      const answer = await api.request('/api/sessions', headers === undefined ? {} : { headers })
      return Number(/r=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1])
    }
    const first = await left(here)
    expect(await left(here)).toBe(first - 1)
    expect(await left(there)).toBe(first)
    for (const headers of [{ 'X-Forwarded-For': '127.0.0.23' }, { Forwarded: 'for=127.0.0.23' }])
      expect(await left(there, headers)).toBeLessThan(first)
  })

  test('the cookie is Secure, links are https, and a forged host is not believed', async () => {
    const api = await stand.client()
    const answer = await api.post('/api/sessions', {
      body: { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox' },
      headers: { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'http' },
    })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-magnapp_.*; Path=\/; .*HttpOnly; Secure; SameSite=Lax/,
    )
    expect(answer.body.join_url).toMatch(new RegExp(`^https://${HOST}:${stand.proxy.port}/`))
  })

  test.each([
    ['just above what the server takes', 70_000],
    ['as large as any may be', 1_048_576 - 20],
    ['far above it', 2_000_000],
  ])('a body %s is answered 413', async (_size, bytes) => {
    const api = await stand.client()
    const answer = await api.post('/api/sessions', { body: `{"name":"${'x'.repeat(bytes)}"}` })
    expect(answer.status).toBe(413)
    // It says what is wrong, so the body has got through.
    if (bytes < 1_048_576) expect(answer.body.error_code).toBe('PAYLOAD_TOO_LARGE')
  })

  test('a waiting poll gets its answer with the event', async () => {
    const api = await stand.client()
    const ada = await api.create()
    const { state_version: seen } = await api.session(ada.sessionId)
    const delays: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const path = `/api/sessions/${ada.sessionId}/events?after=${seen + round}&wait_seconds=25`
      // By somebody who only watches: a participant's would come and go, which is itself news.
      const poll = api.request(path)
      await api.request(`/api/sessions/${ada.sessionId}`)
      const startedAt = performance.now()
      await api.command(ada, 'extend')
      expect((await poll).body.events).toHaveLength(1)
      delays.push(performance.now() - startedAt)
    }
    expect(median(delays)).toBeLessThan(DELAY_MS_MAX)
  })

  test('an older browser, on HTTP/1.1, is served too', async () => {
    const api = await stand.client()
    const { sessionId } = await api.create()
    const firstBytes = await firstBytesOver11(`/api/sse/${sessionId}`, stand.proxy.port, stand.certFile)
    expect(firstBytes).toMatch(/^retry: \d+/)
  })

  test('plain HTTP is redirected to HTTPS', async () => {
    const response = await plainGet('/join?x=1', stand.proxy.plainPort)
    expect(response.statusCode).toBe(308)
    expect(response.headers.location).toMatch(new RegExp(`^https://${HOST}(:\\d+)?/join\\?x=1$`))
  })

  test('the log contains no query', async () => {
    const api = await stand.client()
    const lines = () => stand.proxy.log().split('/api/sessions').length
    const before = lines()
    await api.request('/api/sessions?user_id=somebody')
    await waitUntil(() => lines() > before)
    expect(stand.proxy.log()).not.toContain('somebody')
  })

  test('while the server is away a stream is told to come back, and then gets in', async () => {
    const api = await stand.client()
    expect((await api.request('/readyz')).status).toBe(200)
    const bringBack = await stand.takeServerAway()
    const away = api.stream('00000000-0000-4000-8000-000000000000')
    await away.untilClosed()
    expect(away.status).toBe(200)
    expect(away.headers['content-type']).toMatch(/^text\/event-stream/)
    expect(away.retry).toBeGreaterThanOrEqual(1_000)
    const answer = await api.request('/readyz')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(answer.body).toMatchObject({ error: true, error_code: 'SERVICE_UNAVAILABLE', status: 503 })
    await bringBack()
    const ada = await api.create()
    await api.stream(ada.sessionId, { token: ada.token }).untilType('session_updated')
  })
})

const ROUND = [
  ['start', undefined],
  ['vote', { vote: '5' }],
  ['vote', { vote: '8' }],
  ['reveal', undefined],
] as const satisfies readonly (readonly [string, unknown])[]

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

function plainGet(path: string, port: number): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, headers: { Host: HOST }, agent: false })
    request.on('response', (response) => resolve(response.resume())).on('error', reject)
  })
}

function firstBytesOver11(path: string, port: number, certFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.get({
      host: '127.0.0.1',
      port,
      path,
      servername: HOST,
      ca: readFileSync(certFile),
      headers: { Host: HOST },
      agent: false,
    })
    request.on('error', reject)
    request.on('response', (response) => {
      response.once('data', (bytes) => {
        request.off('error', reject).on('error', () => {})
        request.destroy()
        resolve(String(bytes))
      })
    })
  })
}
