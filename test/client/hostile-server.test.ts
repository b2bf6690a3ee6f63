import http from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type AnyEnvelope,
  EventsOverflowError,
  reduce,
  resumeSession,
  type Seat,
  type SessionClient,
  type SessionView,
  watchSession,
} from '../../src/client/client.js'
import { EventQueue } from '../../src/client/event-queue.js'
import { Pulse } from '../../src/client/pulse.js'
import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { Clients, CREATION, converged, TIMING, until } from '../support/clients.js'

const SESSION_ID = '00000000-0000-4000-8000-000000000001'
const STREAM = { 'Content-Type': 'text/event-stream' }

let real: BuiltServer
const clients = new Clients()
let closeScripted: (() => Promise<void>) | null = null

beforeAll(async () => {
  real = await startBuiltServer({ RATE_LIMITING: 'false', MAX_SESSIONS: '100' })
})

afterEach(async () => {
  await clients.close()
  await closeScripted?.()
  closeScripted = null
})

afterAll(() => real.stop())

/** A server that answers every request as the script says; the n-th of a test is number n - 1. */
async function scripted(answer: (response: http.ServerResponse, number: number) => void): Promise<string> {
  let count = 0
  const server = http.createServer((_request, response) => answer(response, count++))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closeScripted = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function watcher(url: string, timing: Partial<typeof TIMING> = {}): SessionClient {
  return clients.keep(watchSession(SESSION_ID, { url, timing: { ...TIMING, ...timing } }))
}

const user = { id: 'ada', name: 'Ada', avatar: 'fox', is_online: true, joined_at: '' }

/** A session as another implementation might send it, without what no checksum covers. */
const session = (state_version: number) => ({
  id: SESSION_ID,
  status: 'waiting',
  participants: [user],
  scrum_master_id: 'ada',
  current_round: null,
  grace_period_expires: null,
  mobile_optimizations: {},
  settings: {
    deck: { name: 'magnapp', cards: ['1', '2', '3', '5', '8', '13', '21', 'coffee'] },
    auto_reveal: false,
    round_seconds: null,
    who_may_reveal: 'scrum_master',
    vote_after_reveal: false,
    anonymous_votes: false,
    listed: true,
  },
  state_version,
})

const frame = (type: string, state_version: number, data: unknown) =>
  `id: ${state_version}\ndata: ${JSON.stringify({
    type,
    session_id: SESSION_ID,
    timestamp: '',
    state_version,
    state_checksum: null,
    data,
  })}\n\n`

const connected = (version: number) =>
  frame('session_updated', version, {
    session: { ...session(version), state_checksum: null },
    reason: 'connected',
  })

describe('frames that make no sense', () => {
  test.each([
    ['no JSON', 'data: {\n\n'],
    ['JSON that is not an object', 'data: null\n\n'],
    ['an object that is not an envelope', 'data: {"type":"user_left"}\n\n'],
    ['an envelope without data', frame('user_left', 2, null)],
    ['an invalid version', frame('user_left', -1, {})],
    ['an invalid session', frame('state_sync_required', 2, { reason: 'x', session: {} })],
    ['no session at all', frame('state_sync_required', 2, { reason: 'x' })],
    ['an event that cannot be applied', frame('user_joined', 2, {})],
    ['an event of the far future', frame('user_left', 99, { user_id: 'ada', reason: 'left' })],
  ])(
    '%s: what came before counts, the connection is dropped, and everything is requested anew',
    async (_name, broken) => {
      const asked: (string | undefined)[] = []
      const url = await scripted((response, number) => {
        asked.push(response.req.headers['last-event-id']?.toString())
        response.writeHead(200, STREAM).flushHeaders()
        const joined = frame('user_joined', 2, {
          user_id: 'bob',
          user: { ...user, id: 'bob' },
          reconnected: false,
        })
        if (number === 0)
          response.write(connected(1) + joined + broken.replaceAll('"state_version":2', '"state_version":3'))
        else if (number === 1 && asked[1] !== undefined) response.write(broken)
        else response.write(connected(4))
      })
      const client = watcher(url)
      await until(() => client.state?.state_version === 4)
      expect(asked.at(-1)).toBeUndefined()
      expect(client.connection).toBe('streaming')
      expect(client.failure).toBeNull()
    },
  )

  test('an endless line is not kept in memory', async () => {
    const piece = `data: ${'x'.repeat(1_024 * 1_024)}`
    let written = 0
    const url = await scripted((response, number) => {
      response.writeHead(200, STREAM)
      if (number > 0) return void response.write(connected(1))
      // What could not be written because the connection is gone does not count.
      const more = (error?: Error | null) => {
        if (error) return
        written += 1
        if (written < 64) response.write(piece, more)
      }
      more()
    })
    const client = watcher(url)
    await until(() => client.state !== null)
    expect(written).toBeLessThan(32)
  })

  test('a stream that ends within a frame: the partial frame is dropped', async () => {
    const url = await scripted((response, number) => {
      response.writeHead(200, STREAM)
      if (number === 0)
        response.end(connected(1) + frame('session_paused', 2, { reason: 'scrum_master' }).slice(0, -20))
      else response.write(frame('session_paused', 2, { reason: 'scrum_master' }))
    })
    const client = watcher(url)
    await until(() => client.state?.status === 'paused')
    expect(client.state?.state_version).toBe(2)
  })

  test('an event from a later version of the server changes only the version', () => {
    const before: SessionView = JSON.parse(JSON.stringify({ ...session(1), state_checksum: null }))
    const unknown: AnyEnvelope = JSON.parse(
      frame('lunch_ordered', 2, { dish: 'soup' }).split('data: ')[1] ?? '',
    )
    expect(reduce(before, unknown)).toEqual({ ...before, state_version: 2 })
  })
})

test('a notice that overtakes its turn’s events is no event: it changes nothing, and nothing is missed', async () => {
  const url = await scripted((response) => {
    response.writeHead(200, STREAM).write(connected(1))
    const notice = { active_sessions: 2, max_sessions: 3, available_slots: 1 }
    response.write(frame('session_capacity_warning', 2, notice).replace(/^id: 2\n/, ''))
    response.write(frame('session_paused', 2, { reason: 'scrum_master' }))
  })
  const client = watcher(url)
  const events = client.events()
  await until(() => client.state?.status === 'paused')
  const seen = [await events.next(), await events.next(), await events.next()]
  expect(seen.map(({ value }) => value?.type)).toEqual([
    'session_updated',
    'session_capacity_warning',
    'session_paused',
  ])
  expect([client.resyncs, client.connection]).toEqual([0, 'streaming'])
})

test("a phone's longer heartbeat interval is not taken for silence", async () => {
  const profile = { sse_heartbeat_interval: 1 }
  const url = await scripted((response) => {
    const whole = { ...session(1), mobile_optimizations: { ada: profile }, state_checksum: null }
    response
      .writeHead(200, STREAM)
      .write(frame('session_updated', 1, { session: whole, reason: 'connected' }))
  })
  const seat: Seat = JSON.parse(JSON.stringify({ sessionId: SESSION_ID, userId: 'ada', userToken: 'secret' }))
  const timing = { ...TIMING, silenceMs: 200 }
  const client = clients.keep(resumeSession(seat, { url, timing }))
  await until(() => client.state !== null)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(client.connection).toBe('streaming')
})

describe('the heartbeat interval of a stream', () => {
  test.each([
    ['60 s', ['heartbeat=60000'], null, null, 180_000],
    ['not stated', ['heartbeat'], null, null, 45_000],
    ['very short: a network may still pause', ['heartbeat=200'], null, null, 5_000],
    ['no number', ['heartbeat=soon', ' heartbeat=1e9', 'heartbeat=-1'], null, null, 45_000],
    ['stated twice: the later one counts', [' heartbeat=20000', 'heartbeat=30000'], null, null, 90_000],
    ['lengthened by a phone since', ['heartbeat=15000'], null, 60_000, 180_000],
    ['overridden by the program', ['heartbeat=60000'], 2_000, null, 2_000],
    [
      'overridden by the program, but longer on a phone’s request',
      ['heartbeat=15000'],
      2_000,
      30_000,
      90_000,
    ],
  ])('%s', (_name, comments, givenMs, ownMs, silenceMs) => {
    const pulse = new Pulse()
    for (const comment of comments) pulse.read(comment)
    expect(pulse.silenceMs(givenMs, ownMs)).toBe(silenceMs)
  })

  test('is read from the stream: three missing heartbeats are silence', async () => {
    let count = 0
    const url = await scripted((response, number) => {
      count = number + 1
      response.writeHead(200, STREAM).write(`retry: 20\n: heartbeat=1700\n\n${connected(1)}`)
    })
    const startedAt = performance.now()
    const client = clients.keep(watchSession(SESSION_ID, { url, timing: { retryMs: 20 } }))
    await until(() => client.state !== null)
    await until(() => count > 1)
    // The client's default patience would outlast this test.
    expect(performance.now() - startedAt).toBeGreaterThan(5_000)
  })
})

test('characters split across chunks are put back together', async () => {
  const bytewise: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    const reader = response.body?.getReader()
    const body = new ReadableStream({
      async pull(controller) {
        const chunk = await reader?.read()
        if (chunk === undefined || chunk.done) return controller.close()
        for (const byte of chunk.value) controller.enqueue(Uint8Array.of(byte))
      },
      cancel: (reason) => reader?.cancel(reason),
    })
    return new Response(body, response)
  }
  const ada = await new Api(real.url).create('Größe 🦊 schätzen', 'Ада')
  const client = clients.keep(watchSession(ada.sessionId, { url: real.url, timing: TIMING, fetch: bytewise }))
  await converged(client, real.url)
  expect(client.state?.name).toBe('Größe 🦊 schätzen')
  await new Api(real.url).join(ada.sessionId, '太郎')
  await until(() => client.state?.participants.length === 2)
  await converged(client, real.url)
  expect(client.resyncs).toBe(0)
})

test('a fetch that rejects with anything: the client waits, says why, and comes back', async () => {
  const rejections: unknown[] = [new TypeError('fetch failed'), 'no', undefined, { code: 'ECONNRESET' }]
  const failing: typeof fetch = (input, init) =>
    rejections.length > 0 ? Promise.reject(rejections.shift()) : fetch(input, init)
  const ada = await new Api(real.url).create(CREATION.name)
  const client = clients.keep(watchSession(ada.sessionId, { url: real.url, timing: TIMING, fetch: failing }))
  await until(() => client.failure !== null)
  expect(client.failure?.message).toMatch(/fetch failed/)
  await converged(client, real.url)
  expect(client.failure).toBeNull()
})

test('a reader who does not read loses events, but not the state', async () => {
  const count = 1_100
  const url = await scripted((response) => {
    response.writeHead(200, STREAM).write(connected(0))
    for (let version = 1; version <= count; version += 1)
      response.write(frame('session_expiring', version, { expires_at: String(version) }))
  })
  const client = watcher(url)
  const events = client.events()
  await until(() => client.state?.state_version === count)
  expect(client.state?.expires_at).toBe(String(count))
  let read = 0
  const reading = async () => {
    for await (const _ of events) read += 1
  }
  await expect(reading()).rejects.toBeInstanceOf(EventsOverflowError)
  expect(read).toBe(1_024)
  // A new reader starts with what comes next.
  expect(await Promise.race([client.events().next(), 'nothing yet'])).toBe('nothing yet')
})

test('an iterator may be asked for several events at once', async () => {
  const queue = new EventQueue<number>(() => {})
  const asked = [queue.next(), queue.next(), queue.next(), queue.next()]
  queue.push(1)
  queue.push(2)
  queue.push(3)
  queue.close()
  expect(await Promise.all(asked)).toEqual([
    { value: 1, done: false },
    { value: 2, done: false },
    { value: 3, done: false },
    { value: undefined, done: true },
  ])
})
