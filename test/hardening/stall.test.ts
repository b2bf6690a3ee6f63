import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { TestStream } from '../support/sse.js'

const STALL_MS = 2_000
const DEBOUNCE_MS = 1_000

let server: BuiltServer

beforeAll(async () => {
  server = await startBuiltServer({
    DISCONNECT_DEBOUNCE_SECONDS: String(DEBOUNCE_MS / 1_000),
    HEARTBEAT_SECONDS: '0.5',
    MOBILE_HEARTBEAT_INTERVAL: '0.5',
    MAX_SESSIONS: '10',
  })
})

afterAll(async () => {
  expect(await server.stop()).toBe(0)
  expect(server.output()).not.toMatch(/"uncaught"|request failed/)
})

/** Suspends the process, as a swapped-out or paused machine would; what happens meanwhile follows at once. */
async function stall(meanwhile: () => void = () => {}): Promise<void> {
  server.process.kill('SIGSTOP')
  try {
    meanwhile()
    await new Promise((resolve) => setTimeout(resolve, STALL_MS))
  } finally {
    server.process.kill('SIGCONT')
  }
}

/** A session with Ada, Bob and a stream of each. */
async function table() {
  const api = new Api(server.url)
  const ada = await api.create()
  const bob = await api.join(ada.sessionId)
  const follow = (token: string) => new TestStream(server.url, ada.sessionId, { token })
  const streams = { ada: follow(ada.token), bob: follow(bob.token) }
  await Promise.all([streams.ada.untilType('session_updated'), streams.bob.untilType('session_updated')])
  return { api, ada, bob, streams, follow }
}

describe('the server is suspended for two seconds', () => {
  test('its streams survive, and what was asked meanwhile is done', async () => {
    const { api, ada, bob, streams } = await table()
    let started: Promise<unknown> = Promise.resolve()
    await stall(() => {
      started = api.command(ada, 'start')
    })
    await started
    await Promise.all([streams.ada.untilType('voting_started'), streams.bob.untilType('voting_started')])
    await api.command(bob, 'vote', { vote: '5' })
    await streams.ada.untilType('vote_submitted')
    expect([streams.ada.isClosed, streams.bob.isClosed]).toEqual([false, false])
    expect(streams.ada.types).not.toContain('user_disconnected')
    for (const stream of Object.values(streams)) stream.close()
  })

  test('whoever reloaded just before and was back within it was never away', async () => {
    const { api, ada, bob, streams, follow } = await table()
    streams.bob.close()
    await closedAtServer(streams.bob)
    let back: TestStream | null = null
    await stall(() => {
      back = follow(bob.token)
    })
    await (back as TestStream | null)?.untilType('session_updated')
    await api.command(ada, 'start')
    await streams.ada.untilType('voting_started')
    expect(streams.ada.types).not.toContain('user_disconnected')
    expect(streams.ada.types).not.toContain('user_joined')
  })

  test('a heartbeat that came within it keeps the lease, and so the stream', async () => {
    const { api, ada, bob, streams } = await table()
    const beat = () => api.request(`/api/mobile/${bob.sessionId}/heartbeat`, { by: bob })
    await beat()
    let next: Promise<unknown> = Promise.resolve()
    await stall(() => {
      next = beat()
    })
    await next
    await api.command(ada, 'start')
    await streams.bob.untilType('voting_started')
    expect(streams.ada.types).not.toContain('user_disconnected')
  })

  test('its timers continue: whoever dropped and stays away is missed', async () => {
    const { streams } = await table()
    streams.bob.close()
    await closedAtServer(streams.bob)
    await stall()
    await streams.ada.untilType('user_disconnected')
    const { comments } = streams.ada
    const before = comments.length
    await streams.ada.until(() => comments.length > before)
  })
})

/** The server has noticed that a stream was closed: its request's line is in the log. */
async function closedAtServer(stream: TestStream): Promise<void> {
  const id = String(stream.headers['x-request-id'])
  while (!server.output().includes(id)) await new Promise((resolve) => setTimeout(resolve, 5))
}
