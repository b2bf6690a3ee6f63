import net from 'node:net'
import { type Answer, Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

const SEATS = 16
const ROUNDS_PER_MINUTE = 6
const RELOADS_PER_MINUTE = 4

let server: InProcess
let api: Api
let clock: SimulatedClock

async function start(environment: Record<string, string> = {}): Promise<void> {
  clock = new SimulatedClock(1_700_000_000_000)
  server = await startInProcess({ clock, environment })
  api = new Api(server.url)
}

afterEach(() => server.stop())

/** What a page does when it loads: it reconnects, reads the session, and follows it. */
async function load(person: Person): Promise<readonly Answer[]> {
  const path = `/api/sessions/${person.sessionId}`
  const answers = [
    await api.post(`${path}/reconnect`, { by: person, body: {} }),
    await api.request(path),
    await api.request(`/api/mobile/${person.sessionId}/heartbeat`, { by: person }),
  ]
  const stream = new TestStream(server.url, person.sessionId, { token: person.token })
  await stream.untilType('session_updated')
  stream.close()
  return answers
}

/** A team's minute at its fastest: a round every ten seconds, everybody votes, reconsiders, and reloads. */
async function minuteOf(team: readonly Person[]): Promise<readonly Answer[]> {
  const [leader] = team
  if (leader === undefined) return []
  const answers: Answer[] = []
  const ask = async (by: Person, name: string, body?: unknown) => {
    answers.push(await api.post(`/api/sessions/${by.sessionId}/${name}`, { by, body }))
  }
  for (let round = 0; round < ROUNDS_PER_MINUTE; round += 1) {
    await ask(leader, 'start')
    await Promise.all(team.map((member) => ask(member, 'vote', { vote: '3' })))
    await Promise.all(team.map((member) => ask(member, 'vote', { vote: '5' })))
    await ask(leader, 'reveal')
    if (round < RELOADS_PER_MINUTE) answers.push(...(await Promise.all(team.map(load))).flat())
  }
  return answers
}

/** Why: an office is one address; a limit that its teams run into is worse than none. */
test('three full teams behind one address never meet a limit', async () => {
  await start()
  const teams = await Promise.all(
    [1, 2, 3].map(async () => {
      const leader = await api.create()
      return [
        leader,
        ...(await Promise.all(Array.from({ length: SEATS - 1 }, () => api.join(leader.sessionId)))),
      ]
    }),
  )
  const answers = (await Promise.all(teams.map(minuteOf))).flat()
  expect(answers).toHaveLength(3 * (ROUNDS_PER_MINUTE * (2 + 2 * SEATS) + RELOADS_PER_MINUTE * SEATS * 3))
  expect(answers.filter(({ status }) => status !== 200)).toEqual([])
  // There is room for as much again.
  const left = Number(/r=(\d+)/.exec(answers.at(-1)?.headers.get('ratelimit') ?? '')?.[1])
  expect(left).toBeGreaterThan(1_500)
}, 60_000)

/** Why: whoever floods one thing must not keep others at the same address from the rest. */
describe('a flood', () => {
  const someone = '/api/sessions/00000000-0000-4000-8000-000000000000'
  const classes = {
    create: { limit: 60, send: () => api.post('/api/sessions', { body: {} }), other: 422 },
    join: { limit: 240, send: () => api.post(`${someone}/join`, { body: {} }), other: 404 },
    command: { limit: 3_000, send: () => api.post(`${someone}/extend`), other: 404 },
    page: { limit: 3_000, send: () => api.request(somewhere.next().value ?? ''), other: 404 },
  } as const

  /** Requests that no route of the API takes. */
  const somewhere = (function* () {
    for (;;) yield* ['/nowhere', '/docs/nothing', '/api', '/Livez']
  })()

  test.each(['create', 'join', 'command', 'page'] as const)(
    'of %s is refused, says for how long, and affects nothing else',
    async (name) => {
      await start()
      const { limit, send } = classes[name]
      let last: Answer = await send()
      expect(last.headers.get('ratelimit-policy')).toMatch(new RegExp(`^"${name}"; q=${limit}; w=60`))
      for (let sent = 1; sent < limit; sent += 20) {
        const some = await Promise.all(Array.from({ length: Math.min(20, limit - sent) }, send))
        expect(some.map(({ status }) => status)).not.toContain(429)
      }
      clock.increment(20_000)
      last = await send()
      expect([last.status, last.body.error_code]).toEqual([429, 'RATE_LIMITED'])
      expect(last.headers.get('retry-after')).toBe('40')
      expect(last.body.retry_after).toBe(40)
      expect(last.headers.get('ratelimit')).toMatch(new RegExp(`^"${name}"; r=0; t=40`))
      for (const other of ['create', 'join', 'command', 'page'] as const) {
        if (other !== name) expect((await classes[other].send()).status).toBe(classes[other].other)
      }
      for (const path of ['/health', '/livez', '/readyz', '/metrics']) {
        expect((await api.request(path)).status).toBe(200)
      }
      clock.increment(40_000)
      expect((await send()).status).not.toBe(429)
    },
    60_000,
  )

  test('of wrong methods and of pages counts as one', async () => {
    await start()
    const left = async (path: string, method: string) =>
      Number(/r=(\d+)/.exec((await api.request(path, { method })).headers.get('ratelimit') ?? '')?.[1])
    expect(await left('/docs', 'GET')).toBe(2_999)
    expect(await left('/docs', 'PUT')).toBe(2_998)
    expect(await left('/api/sessions', 'PUT')).toBe(2_997)
    expect(await left('/nowhere', 'GET')).toBe(2_996)
  })

  test('of streams is told to come back later, in a way that a browser understands', async () => {
    await start()
    const { sessionId } = await api.create()
    for (let sent = 0; sent < 1_200; sent += 40) {
      const heads = Array.from({ length: 40 }, () => api.request(`/api/sse/${sessionId}`, { method: 'HEAD' }))
      for (const { status } of await Promise.all(heads)) expect(status).toBe(200)
    }
    const stream = await new TestStream(server.url, sessionId).untilClosed()
    expect([stream.status, stream.retry]).toEqual([200, 30_000])
    expect(stream.frames).toEqual([])
    expect(stream.comments).toHaveLength(1)
    const { text: metrics } = await api.request('/metrics')
    expect(metrics).toContain('magnapp_sse_connections_turned_away_total{reason="rate_limited"} 1')
    expect((await api.request(`/api/sessions/${sessionId}`)).status).toBe(200)
    clock.increment(60_000)
    const later = await new TestStream(server.url, sessionId).untilType('session_updated')
    later.close()
  }, 60_000)

  test('gets through with RATE_LIMITING=false', async () => {
    await start({ RATE_LIMITING: 'false' })
    for (let sent = 0; sent < 70; sent += 1) expect((await classes.create.send()).status).toBe(422)
  })
})

describe('streams have limits', () => {
  const open = () => new TestStream(server.url, sessionId, { token })
  const request = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`
  const streamRequest = () => request(`/api/sse/${sessionId}`)
  let sessionId: string
  let token: string

  async function startWith(environment: Record<string, string>): Promise<void> {
    await start(environment)
    ;({ sessionId, token } = await api.create())
  }

  test('per participant: the oldest gives way', async () => {
    await startWith({ MAX_STREAMS_PER_PARTICIPANT: '2' })
    const [first, second] = [
      await open().untilType('session_updated'),
      await open().untilType('session_updated'),
    ]
    const third = await open().untilType('session_updated')
    await first.untilClosed()
    // Any sooner, it would throw the next one out, and that one another.
    expect([first.retry, second.retry, third.retry]).toEqual([60_000, 1_000, 1_000])
    expect([second.isClosed, third.isClosed]).toEqual([false, false])
    expect((await api.session(sessionId)).participants[0].is_online).toBe(true)
    for (const stream of [second, third]) stream.close()
  })

  test('those requested behind another on one connection are turned away, and nothing waits there', async () => {
    await startWith({})
    await api.join(sessionId)
    const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.write(
      streamRequest().repeat(3) + request(`/api/sessions/${sessionId}/events?after=1&wait_seconds=25`),
    )
    const host = [...server.services.supervisor.sessions()][0]
    const turnedAway = server.services.telemetry.streamsTurnedAway
    while (turnedAway.full < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(host?.readers.count).toBe(1)
    socket.destroy()
    while ((host?.readers.count ?? 0) > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(server.services.streams.count).toBe(0)
    clock.increment(server.services.config.DISCONNECT_DEBOUNCE_SECONDS)
    expect((await api.session(sessionId)).status).toBe('grace_period')
  })

  test('a poll counts as one, and gives its place back with its answer', async () => {
    await startWith({ MAX_STREAMS_PER_ADDRESS: '2' })
    const poll = () => api.request(`/api/sessions/${sessionId}/events?after=0&wait_seconds=25`)
    const first = await open().untilType('session_updated')
    const waiting = poll()
    while (server.services.streams.count < 2) await new Promise((resolve) => setImmediate(resolve))
    const refused = await poll()
    expect([refused.status, refused.body.error_code]).toEqual([429, 'RATE_LIMITED'])
    expect(refused.headers.get('retry-after')).toBe('30')
    expect((await open().untilClosed()).retry).toBe(30_000)
    await api.post(`/api/sessions/${sessionId}/extend`, { headers: { Authorization: `Bearer ${token}` } })
    expect((await waiting).status).toBe(200)
    while (server.services.streams.count > 1) await new Promise((resolve) => setImmediate(resolve))
    first.close()
  })

  test('a poll gives way if its participant has too many, and says for how long', async () => {
    await startWith({ MAX_STREAMS_PER_PARTICIPANT: '1' })
    const waiting = api.request(`/api/sessions/${sessionId}/events?after=0&wait_seconds=25`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    while (server.services.streams.count < 1) await new Promise((resolve) => setImmediate(resolve))
    const stream = await open().untilType('session_updated')
    const { status, headers } = await waiting
    expect([status, headers.get('retry-after')]).toEqual([429, '60'])
    stream.close()
  })

  test.each([
    ['address', { MAX_STREAMS_PER_ADDRESS: '2' }],
    ['server, which no setting for addresses lifts', { MAX_STREAMS: '2', RATE_LIMITING: 'false' }],
  ])('per %s: the newest is turned away, and finds a place when one is free', async (_name, environment) => {
    await startWith(environment)
    const [first, second] = [
      await open().untilType('session_updated'),
      await open().untilType('session_updated'),
    ]
    const third = await open().untilClosed()
    expect([third.status, third.retry, third.frames]).toEqual([200, 30_000, []])
    first.close()
    while (server.services.streams.count > 1) await new Promise((resolve) => setImmediate(resolve))
    const fourth = await open().untilType('session_updated')
    for (const stream of [second, fourth]) stream.close()
  })
})
