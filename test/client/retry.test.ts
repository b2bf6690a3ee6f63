import fc from 'fast-check'
import { createSession, MagnaPPError, resumeSession, watchSession } from '../../src/client/client.js'
import { backoffMs, pause, WAIT_MS_MAX } from '../../src/client/pause.js'
import { uuid } from '../../src/client/send-once.js'
import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { Clients, CREATION, converged, TIMING, until } from '../support/clients.js'
import { type FaultyProxy, startProxy } from '../support/proxy.js'

let server: BuiltServer
let proxy: FaultyProxy
const clients = new Clients()

beforeAll(async () => {
  server = await startBuiltServer({ RATE_LIMITING: 'false', MAX_SESSIONS: '100' })
})

beforeEach(async () => {
  proxy = await startProxy(server.url)
})

afterEach(async () => {
  await clients.close()
  await proxy.close()
})

afterAll(() => server.stop())

test('a wait is never shorter than asked for, at most half as long again, and doubles up to its limit', () => {
  const ms = fc.integer({ min: 1, max: 60_000 })
  fc.assert(
    fc.property(fc.nat(2_000), ms, ms, (attempt, firstMs, mostMs) => {
      const least = Math.min(Math.max(firstMs, mostMs), firstMs * 2 ** attempt)
      const waitMs = backoffMs(attempt, firstMs, mostMs)
      expect(waitMs).toBeGreaterThanOrEqual(least)
      expect(waitMs).toBeLessThanOrEqual(1.5 * least)
    }),
  )
})

test('waits are spread, so that a whole team does not come back in the same instant', () => {
  const waits = Array.from({ length: 200 }, () => backoffMs(0, 1_000, 30_000))
  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(300)
})

test('a wait of years becomes an hour, not zero', async () => {
  const abort = new AbortController()
  const set = jest.spyOn(globalThis, 'setTimeout')
  const waiting = pause(Number.MAX_SAFE_INTEGER, abort.signal)
  expect(set.mock.calls[0]?.[1]).toBe(WAIT_MS_MAX)
  abort.abort()
  await waiting
  set.mockRestore()
})

/** How long after a cut the next stream opens. */
async function comesBackAfterMs(cut: () => void): Promise<number> {
  const { sessionId } = await new Api(server.url).create()
  const client = clients.keep(watchSession(sessionId, { url: proxy.url, timing: TIMING }))
  await converged(client, server.url)
  const streams = proxy.streams.count
  const cutAt = performance.now()
  cut()
  await until(() => proxy.streams.count > streams)
  const ms = performance.now() - cutAt
  await converged(client, server.url)
  return ms
}

test("the stream's retry takes the place of the client's own first wait", async () => {
  proxy.fault.retryMs = 600
  expect(await comesBackAfterMs(() => proxy.cut())).toBeGreaterThanOrEqual(595)
})

/** Refuses streams until one is refused, then lets them pass. */
async function comesBackAfterRefusal(retryAfter: () => string): Promise<number> {
  const { sessionId } = await new Api(server.url).create()
  proxy.fault.retryMs = 10
  const client = clients.keep(watchSession(sessionId, { url: proxy.url, timing: TIMING }))
  await converged(client, server.url)
  proxy.fault.answer = { status: 429, headers: { 'Retry-After': retryAfter() }, isForStreamsOnly: true }
  proxy.cut()
  await until(() => client.failure instanceof MagnaPPError)
  const refusedAt = performance.now()
  expect(client.failure).toMatchObject({ status: 429 })
  delete proxy.fault.answer
  await until(() => client.connection === 'streaming')
  return performance.now() - refusedAt
}

test('Retry-After in seconds is respected', async () => {
  const ms = await comesBackAfterRefusal(() => '1')
  expect(ms).toBeGreaterThanOrEqual(980)
})

test('Retry-After as a date is respected', async () => {
  // A date has whole seconds: this one is one to two seconds away.
  const ms = await comesBackAfterRefusal(() => new Date(Date.now() + 2_000).toUTCString())
  expect(ms).toBeGreaterThanOrEqual(980)
})

test('a Retry-After that makes no sense is ignored', async () => {
  // The client comes back within this test.
  await comesBackAfterRefusal(() => 'soon')
})

test('creating does not keep anybody waiting for minutes: the refusal says how long to wait', async () => {
  proxy.fault.answer = { status: 503, headers: { 'Retry-After': '300' } }
  const creating = createSession(CREATION, { url: proxy.url, timing: TIMING })
  await expect(creating).rejects.toMatchObject({ status: 503, retryAfterSeconds: 300 })
})

describe('a command whose answer is lost', () => {
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  /** A `fetch` whose first commands reach the server while their answers never arrive. */
  function losing(answersLost: number) {
    const keys: (string | null)[] = []
    const lossy: typeof fetch = async (input, init) => {
      if (init?.method === undefined || init.method === 'GET') return fetch(input, init)
      keys.push(new Headers(init.headers).get('Idempotency-Key'))
      const response = await fetch(input, init)
      if (keys.length > answersLost) return response
      await response.text()
      throw new TypeError('fetch failed')
    }
    return { keys, lossy }
  }

  async function leaderWith(fetcher: typeof fetch) {
    const made = clients.keep(await createSession(CREATION, { url: server.url, timing: TIMING }))
    if (made.seat === null) throw new Error('a leader has a seat')
    return clients.keep(resumeSession(made.seat, { url: server.url, timing: TIMING, fetch: fetcher }))
  }

  test('is sent again with the same key; the next command has another', async () => {
    const { keys, lossy } = losing(1)
    const leader = await leaderWith(lossy)
    await leader.commands.extend()
    await leader.commands.extend()
    expect(keys).toHaveLength(3)
    expect(keys[0]).toMatch(UUID)
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).toMatch(UUID)
    expect(keys[2]).not.toBe(keys[0])
  })

  test('is sent again while its answer is still awaited', async () => {
    const keys: (string | null)[] = []
    const hanging: typeof fetch = async (input, init) => {
      if (init?.method !== 'POST') return fetch(input, init)
      keys.push(new Headers(init.headers).get('Idempotency-Key'))
      const response = await fetch(input, init)
      if (keys.length > 1) return response
      return new Promise((_resolve, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    }
    const made = clients.keep(await createSession(CREATION, { url: server.url, timing: TIMING }))
    if (made.seat === null) throw new Error('a leader has a seat')
    const leader = clients.keep(resumeSession(made.seat, { url: server.url, timing: TIMING, fetch: hanging }))
    await leader.commands.stories.add({ title: 'Login' })
    expect(keys).toHaveLength(2)
    expect(keys[1]).toBe(keys[0])
    expect((await leader.commands.stories.list()).stories).toHaveLength(1)
  })

  test('is given up after three seconds, when it may no longer be wanted', async () => {
    const { keys, lossy } = losing(Number.POSITIVE_INFINITY)
    const leader = await leaderWith(lossy)
    await expect(leader.commands.extend()).rejects.toThrow('fetch failed')
    expect(new Set(keys).size).toBe(1)
    expect(keys.length).toBeGreaterThan(1)
  })

  test.each(['leave', 'end'] as const)(
    'has succeeded if it was %s and the retry is nobody’s',
    async (last) => {
      const { keys, lossy } = losing(1)
      const leader = await leaderWith(lossy)
      await leader.commands[last]()
      expect(keys).toHaveLength(2)
      // Not after a lost answer: there is nothing left to leave or end.
      await expect(leader.commands[last]()).rejects.toBeInstanceOf(MagnaPPError)
    },
  )

  test('is sent only once if the server refuses it', async () => {
    const { keys, lossy } = losing(0)
    const leader = await leaderWith(lossy)
    await expect(leader.commands.reveal()).rejects.toMatchObject({ code: 'VOTING_ERROR' })
    expect(keys).toHaveLength(1)
  })
})

test('keys are version 4 UUIDs, all different', () => {
  const keys = Array.from({ length: 1_000 }, uuid)
  expect(new Set(keys).size).toBe(1_000)
  for (const key of keys)
    expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
