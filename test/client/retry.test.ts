import fc from 'fast-check'
import { createSession, MagnaPPError, watchSession } from '../../src/client/client.js'
import { backoffMs, pause, WAIT_MS_MAX } from '../../src/client/pause.js'
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

test('a wait is never shorter than asked for, at most half longer, and doubles up to its limit', () => {
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

test('waits are spread, so that a whole team does not come back in one instant', () => {
  const waits = Array.from({ length: 200 }, () => backoffMs(0, 1_000, 30_000))
  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(300)
})

test('a wait of years is one of an hour, not none', async () => {
  const abort = new AbortController()
  const set = jest.spyOn(globalThis, 'setTimeout')
  const waiting = pause(Number.MAX_SAFE_INTEGER, abort.signal)
  expect(set.mock.calls[0]?.[1]).toBe(WAIT_MS_MAX)
  abort.abort()
  await waiting
  set.mockRestore()
})

/** How long after a cut the next stream is opened. */
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

/** Refuses streams once; then lets them pass. */
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

test('Retry-After in seconds is waited for', async () => {
  const ms = await comesBackAfterRefusal(() => '1')
  expect(ms).toBeGreaterThanOrEqual(980)
})

test('Retry-After as a date is waited for', async () => {
  // A date has whole seconds: this one is one to two of them away.
  const ms = await comesBackAfterRefusal(() => new Date(Date.now() + 2_000).toUTCString())
  expect(ms).toBeGreaterThanOrEqual(980)
  expect(ms).toBeLessThan(10_000)
})

test('a Retry-After that makes no sense is none', async () => {
  expect(await comesBackAfterRefusal(() => 'soon')).toBeLessThan(5_000)
})

test('creating does not make somebody wait for minutes: the refusal says how long', async () => {
  proxy.fault.answer = { status: 503, headers: { 'Retry-After': '300' } }
  const creating = createSession(CREATION, { url: proxy.url, timing: TIMING })
  await expect(creating).rejects.toMatchObject({ status: 503, retryAfterSeconds: 300 })
})
