import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { TestStream } from '../support/sse.js'

const MIB = 2 ** 20
/** For an honest client's answer. Alone it takes 2; a machine that also runs other tests is slow. */
const ANSWER_MS_MAX = 1_000

let server: BuiltServer
let api: Api
let ada: Person

beforeAll(async () => {
  server = await startBuiltServer({ MAX_SESSIONS: '50' })
  api = new Api(server.url)
})
afterAll(() => server.stop())
beforeEach(async () => {
  ada = await api.create()
})

/** A connection with everything that came over it. */
async function connection(to = server) {
  const socket = net.connect(Number(new URL(to.url).port), '127.0.0.1')
  let text = ''
  socket
    .on('error', () => {})
    .on('data', (chunk) => {
      text += String(chunk)
    })
  await once(socket, 'connect')
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return {
    socket,
    text: () => text,
    ask: (...targets: readonly string[]) =>
      socket.write(targets.map((target) => `${target} HTTP/1.1\r\nHost: x\r\n\r\n`).join('')),
    untilClosed: () => closed,
    until: async (isTrue: (text: string) => boolean) => {
      while (!isTrue(text)) await once(socket, 'data')
    },
  }
}

const streamOf = ({ sessionId }: Person) => `GET /api/sse/${sessionId}`
const pollOf = ({ sessionId }: Person, seconds: number) =>
  `GET /api/sessions/${sessionId}/events?after=0&wait_seconds=${seconds}`
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))

const memory = () =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))?.[1]) * 1_024
const descriptors = () => readdirSync(`/proc/${server.process.pid}/fd`).length

async function answerMs(): Promise<number> {
  const startedAt = performance.now()
  await api.request('/livez')
  return performance.now() - startedAt
}

/** Why: whatever waits behind an unfinished answer is kept in memory, and nobody should wait for it. */
describe('requests behind an unfinished answer', () => {
  test('are answered in order, as long as there are not too many', async () => {
    const { ask, until, text, socket } = await connection()
    ask(pollOf(ada, 0.3), ...Array<string>(8).fill('GET /livez'))
    await until(() => statuses(text()).length === 9)
    expect(text().indexOf('"events"')).toBeLessThan(text().indexOf('"live"'))
    socket.destroy()
  })

  test.each([
    ['a poll', () => pollOf(ada, 25)],
    ['a stream', () => streamOf(ada)],
  ])('end the connection when there are more: behind %s', async (_name, first) => {
    const { ask, untilClosed, text } = await connection()
    ask(first(), ...Array<string>(8).fill('GET /livez'))
    await pause(100)
    ask('GET /livez')
    await untilClosed()
    expect(statuses(text()).filter((status) => status !== 200)).toEqual([])
    expect(text()).not.toContain('"live"')
  })

  test('a stream is turned away with an answer', async () => {
    const { ask, untilClosed, text } = await connection()
    ask(pollOf(ada, 0.3), streamOf(ada))
    await untilClosed()
    expect(statuses(text())).toEqual([200, 200])
    expect(text()).toMatch(/retry: 30000\n\n: no place/)
    expect(text()).not.toContain('session_updated')
  })

  test('a poll is answered without waiting', async () => {
    const { ask, until, text, socket } = await connection()
    const startedAt = performance.now()
    ask(pollOf(ada, 0.3), pollOf(ada, 25))
    await until(() => statuses(text()).length === 2)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    socket.destroy()
  })

  test.each([
    ['polls', () => `GET /api/sessions/${ada.sessionId}/events?after=0`],
    ['streams', () => streamOf(ada)],
    ['files of the documentation', () => 'GET /docs/swagger-ui-bundle.js'],
    ['sessions', () => `GET /api/sessions/${ada.sessionId}`],
    ['addresses that nobody has', () => 'GET /nowhere'],
  ])('a thousand %s in one write, unread, cost next to nothing', async (_name, target) => {
    for (let times = 0; times < 256; times += 1) await api.command(ada, 'extend')
    await pause(1_100)
    const before = { memory: memory(), descriptors: descriptors() }
    const attackers = await Promise.all(Array.from({ length: 10 }, () => connection()))
    for (const { socket, ask } of attackers) {
      socket.pause()
      ask(...Array<string>(1_000).fill(target()))
    }
    expect(await answerMs()).toBeLessThan(ANSWER_MS_MAX)
    await pause(200)
    expect(await answerMs()).toBeLessThan(ANSWER_MS_MAX)
    for (const { socket } of attackers) socket.destroy()
    await pause(200)
    expect(memory() - before.memory).toBeLessThan(64 * MIB)
    expect(descriptors()).toBeLessThanOrEqual(before.descriptors + 1)
  })
})

/** Why: one packet holds thousands, and they are all answered before anybody else is heard. */
test.each(['GET /livez', 'DELETE /health', 'POST /api/sessions'])(
  'at most sixteen of %s are answered in a row',
  async (target) => {
    const { ask, untilClosed, text } = await connection()
    ask(...Array<string>(1_000).fill(target))
    await untilClosed()
    expect(statuses(text()).length).toBeLessThanOrEqual(16)
  },
)

/** Why: a parser's complaint in the middle of a stream would be read as part of it. */
test('garbage behind an open stream ends it, and is not answered into it', async () => {
  const { socket, ask, until, untilClosed, text } = await connection()
  ask(streamOf(ada))
  await until((received) => received.includes('session_updated'))
  socket.write('NO HTTP AT ALL\r\n\r\n')
  await untilClosed()
  expect(statuses(text())).toEqual([200])
})

test('garbage alone is answered', async () => {
  const { socket, untilClosed, text } = await connection()
  socket.write('NO HTTP AT ALL\r\n\r\n')
  await untilClosed()
  expect(statuses(text())).toEqual([400])
})

/** Why: whoever holds every connection keeps everybody else out. */
describe('the connections of one address', () => {
  test('are limited, and closing one makes room', async () => {
    const small = await startBuiltServer({ MAX_CONNECTIONS_PER_ADDRESS: '3' })
    const mine = [await connection(small), await connection(small), await connection(small)]
    const refused = await connection(small)
    await refused.untilClosed()
    expect(refused.text()).toBe('')
    for (const { socket, ask, until } of mine) {
      ask('GET /livez')
      await until((text) => text.includes('"live"'))
      socket.destroy()
    }
    await pause(100)
    const later = await connection(small)
    later.ask('GET /livez')
    await later.until((text) => text.includes('"live"'))
    later.socket.destroy()
    await small.stop()
  })

  test.each([{ RATE_LIMITING: 'false' }, { TRUST_PROXY: '1' }, { MAX_CONNECTIONS_PER_ADDRESS: '0' }])(
    'are not counted with %j',
    async (environment) => {
      const other = await startBuiltServer({ MAX_CONNECTIONS_PER_ADDRESS: '2', ...environment })
      const { sessionId } = await new Api(other.url).create()
      const streams = Array.from({ length: 5 }, () => new TestStream(other.url, sessionId))
      await Promise.all(streams.map((stream) => stream.untilType('session_updated')))
      for (const stream of streams) stream.close()
      await other.stop()
    },
  )
})

describe('a target', () => {
  test('in absolute form is that path, whatever Host says', async () => {
    const { untilClosed, text, socket } = await connection()
    socket.write('GET http://poker.example:8080/livez?x=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await untilClosed()
    expect(text()).toContain('"live"')
  })

  test('in absolute form counts for the links that are made', async () => {
    const { socket, untilClosed, text } = await connection()
    const body = '{"name":"S","creator_name":"A","creator_avatar":"fox"}'
    socket.write(
      `POST http://poker.example:8080/api/sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    await untilClosed()
    expect(text()).toContain('"join_url":"http://poker.example:8080/s/')
  })

  test.each(['/LIVEZ', '/Docs', '/API/sessions', '/api/Sessions/', '/METRICS', '/nowhere', '/nowhere/'])(
    '%s belongs to no route, whatever the method',
    async (path) => {
      for (const method of ['GET', 'DELETE']) {
        const { status, body } = await api.request(path, { method })
        expect([status, body.error_code]).toEqual([404, 'NOT_FOUND'])
      }
    },
  )

  test.each(['/livez', '/metrics/', '/docs', '/openapi.json/', '/api/sessions/', '/api/sse/x'])(
    '%s says which methods it has',
    async (path) => {
      const { status, body, headers } = await api.request(path, { method: 'PUT' })
      expect([status, body.error_code]).toEqual([405, 'METHOD_NOT_ALLOWED'])
      expect(headers.get('allow')).toContain('GET, HEAD')
    },
  )
})

test('a head of 32 KiB is accepted: a browser may send 180 cookies', async () => {
  const { socket, untilClosed, text } = await connection()
  const cookies = `Cookie: ${Array.from({ length: 180 }, (_, index) => `magnapp_${index}=${'x'.repeat(150)}`).join('; ')}`
  expect(cookies.length).toBeGreaterThan(29_000)
  socket.write(`GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${cookies}\r\n\r\n`)
  await untilClosed()
  expect(statuses(text())).toEqual([200])
})

test.each(['/api/sessions', '/api/nowhere', '/api/health/capacity', '/api/health/status'])(
  'what %s answers is not cached',
  async (path) => {
    expect((await api.request(path)).headers.get('cache-control')).toBe('no-store')
  },
)

test('a session is requested anew each time', async () => {
  const { headers } = await api.request(`/api/sessions/${ada.sessionId}`)
  expect(headers.get('cache-control')).toBe('no-cache')
})

/** Why: a monitor asks often and is not limited, so it must cost next to nothing. */
test.each(['/health', '/livez', '/readyz', '/metrics'])(
  '%s may be requested as often as one likes',
  async (path) => {
    for (let times = 0; times < 2_000; times += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => api.request(path)))
      for (const { status, headers } of answers) {
        expect([status, headers.get('ratelimit')]).toEqual([200, null])
      }
    }
    const flood = Promise.all(Array.from({ length: 30 }, () => api.request(path)))
    expect(await answerMs()).toBeLessThan(ANSWER_MS_MAX)
    await flood
  },
  30_000,
)

test('the figures are written once a second at most', async () => {
  const first = await api.request('/metrics')
  const again = await Promise.all(Array.from({ length: 20 }, () => api.request('/metrics')))
  expect(new Set([first, ...again].map(({ text }) => text)).size).toBeLessThanOrEqual(2)
  await pause(1_050)
  expect((await api.request('/metrics')).text).not.toBe(again.at(-1)?.text)
})
