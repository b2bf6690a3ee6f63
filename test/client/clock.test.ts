import { createSession, watchSession } from '../../src/client/client.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { Clients, CREATION, converged, HASTY, TIMING, until } from '../support/clients.js'

const HOUR_MS = 3_600_000

let server: BuiltServer
const clients = new Clients()

beforeAll(async () => {
  // A process of its own: only the client's clock jumps.
  server = await startBuiltServer({ RATE_LIMITING: 'false', MAX_SESSIONS: '100' })
})

afterEach(() => clients.close())
afterAll(() => server.stop())

/** Sets the clocks forward, or back, from now on. */
function jump({ wallMs, monotonicMs }: { wallMs: number; monotonicMs: number }): void {
  const wall = Date.now.bind(Date)
  const monotonic = performance.now.bind(performance)
  jest.spyOn(Date, 'now').mockImplementation(() => wall() + wallMs)
  jest.spyOn(performance, 'now').mockImplementation(() => monotonic() + monotonicMs)
}

afterEach(() => jest.restoreAllMocks())

describe('a machine that slept', () => {
  test.each([
    ['does not count it', 0],
    ['counts it', HOUR_MS],
  ])('where the monotonic clock %s reconnects at once', async (_which, monotonicMs) => {
    const { leader, member, proxy } = await clients.table(server.url)
    await until(() => member.connection === 'streaming')
    jump({ wallMs: HOUR_MS, monotonicMs })
    await until(() => proxy.streams.count > 1)
    await leader.commands.start()
    await converged(member, server.url)
    expect(member.connection).toBe('streaming')
  })

  test('while waiting for its next attempt has waited long enough', async () => {
    const { member, proxy } = await clients.table(server.url)
    await until(() => member.connection === 'streaming')
    proxy.fault.answer = { status: 503, headers: { 'Retry-After': '3000' } }
    proxy.cut()
    await until(() => member.failure !== null)
    delete proxy.fault.answer
    jump({ wallMs: HOUR_MS, monotonicMs: 0 })
    await until(() => member.connection === 'streaming')
  })

  test('while polling tries a stream again, since the network may be a different one', async () => {
    const { member, proxy } = await clients.table(server.url, { isBuffering: true })
    await until(() => member.connection === 'polling')
    proxy.fault.isBuffering = false
    // In the middle of a long poll, when everything before it has been answered.
    await new Promise((resolve) => setTimeout(resolve, 300))
    jump({ wallMs: HOUR_MS, monotonicMs: 0 })
    await until(() => member.connection === 'streaming')
  })
})

test('setting the wall clock back makes no difference', async () => {
  const { leader, member, proxy } = await clients.table(server.url, {}, HASTY)
  await until(() => member.connection === 'streaming')
  jump({ wallMs: -HOUR_MS, monotonicMs: 0 })
  await leader.commands.start()
  await converged(member, server.url)
  // Longer than the intervals between its checks, shorter than the silence it allows.
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect([member.connection, proxy.streams.count]).toEqual(['streaming', 1])
  // Longer silence is still noticed.
  await until(() => member.connection === 'polling')
})

test('a background tab with late timers does not count as having slept while it hears its stream', async () => {
  const { leader } = await clients.table(server.url)
  let connections = 0
  const counting: typeof fetch = (input, init) => {
    if (String(input).includes('/sse/')) connections += 1
    return fetch(input, init)
  }
  const options = { url: server.url, timing: TIMING, fetch: counting }
  const watcher = clients.keep(watchSession(leader.sessionId, options))
  await until(() => watcher.state !== null)
  for (const minutes of [1, 2]) {
    await leader.commands.extend()
    await converged(watcher, server.url)
    jest.restoreAllMocks()
    jump({ wallMs: minutes * 60_000, monotonicMs: 0 })
    await leader.commands.extend()
    await converged(watcher, server.url)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
  }
  expect(connections).toBe(1)
})

test('Retry-After as a date counts from the answer’s own date, whatever the clock here says', async () => {
  jump({ wallMs: HOUR_MS, monotonicMs: 0 })
  const date = 'Sat, 31 Jan 2026 09:30:00 GMT'
  const busy: typeof fetch = async () =>
    new Response('', { status: 429, headers: { Date: date, 'Retry-After': 'Sat, 31 Jan 2026 09:32:00 GMT' } })
  const creating = createSession(CREATION, { url: server.url, timing: TIMING, fetch: busy })
  await expect(creating).rejects.toMatchObject({ status: 429, retryAfterSeconds: 120 })
})
