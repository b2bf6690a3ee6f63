import { Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const MINUTE_MS = 60_000

let clock: SimulatedClock
let server: InProcess
let api: Api
let ada: Person

beforeEach(async () => {
  clock = new SimulatedClock(Date.parse('2026-01-31T09:30:00.000Z'))
  server = await startInProcess({ clock, environment: { SESSION_TIMEOUT_MINUTES: '60' } })
  api = new Api(server.url)
  ada = await api.create()
})

afterEach(() => server.stop())

const isOnline = async () => (await api.session(ada.sessionId)).participants[0].is_online
const readers = () => [...server.services.supervisor.sessions()][0]?.readers.count

async function untilReaders(count: number): Promise<void> {
  while (readers() !== count) await new Promise((resolve) => setImmediate(resolve))
}

/** Asks for what comes next, without waiting for it. */
async function poll(headers: Record<string, string>) {
  const { state_version } = await api.session(ada.sessionId)
  const path = `/api/sessions/${ada.sessionId}/events?after=${state_version}&wait_seconds=25`
  const abort = new AbortController()
  fetch(server.url + path, { headers, signal: abort.signal }).catch(() => {})
  await untilReaders(1)
  return { giveUp: () => abort.abort() }
}

describe('a proven poll that waits counts as presence (contract section 6)', () => {
  test.each([
    ['by the token', () => ({ Authorization: `Bearer ${ada.token}` })],
    ['by the cookie', () => ({ Cookie: `magnapp_${ada.sessionId}=${ada.token}` })],
  ])('%s: online while it waits, offline a moment after it', async (_name, headers) => {
    const { giveUp } = await poll(headers())
    clock.increment(20_000)
    expect(await isOnline()).toBe(true)
    giveUp()
    await untilReaders(0)
    expect(await isOnline()).toBe(true)
    clock.increment(server.services.config.DISCONNECT_DEBOUNCE_SECONDS)
    expect(await isOnline()).toBe(false)
  })

  test('one after another: online for as long as they come', async () => {
    for (let round = 0; round < 5; round += 1) {
      await poll({ Authorization: `Bearer ${ada.token}` })
      clock.increment(25_000)
      await untilReaders(0)
      expect(await isOnline()).toBe(true)
    }
  })

  test.each([
    ['nobody', () => ({})],
    ['a cookie that no longer proves anything', () => ({ Cookie: `magnapp_${ada.sessionId}=stale` })],
  ])('with %s: it does not', async (_name, headers) => {
    await poll(headers())
    clock.increment(2 * MINUTE_MS)
    expect(await isOnline()).toBe(false)
  })
})

describe('whoever reads and proves to be there is present (contract section 6)', () => {
  const bearer = () => ({ Authorization: `Bearer ${ada.token}` })
  const cookie = () => ({ Cookie: `magnapp_${ada.sessionId}=${ada.token}` })

  // An event for the polls to find.
  beforeEach(() => api.join(ada.sessionId))

  /** Reads again and again for some time, with nothing else from anybody. */
  async function read(path: string, headers: Record<string, string>, seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 10) {
      const answer = await fetch(`${server.url}/api/sessions/${ada.sessionId}${path}`, { headers })
      expect(answer.status).toBe(200)
      await answer.text()
      clock.increment(10_000)
    }
  }

  test.each([
    ['the session', '', bearer],
    ['the session, by the cookie', '', cookie],
    ['the stories', '/stories', bearer],
    ['the history', '/history', bearer],
    ['the events so far', '/events?after=0', bearer],
    ['the events so far, ready to wait', '/events?after=0&wait_seconds=25', bearer],
  ])('%s', async (_name, path, headers) => {
    await read(path, headers(), 200)
    expect(await isOnline()).toBe(true)
  })

  test.each([
    ['nobody', () => ({})],
    ['somebody else', () => ({ Authorization: `Bearer ${'x'.repeat(43)}` })],
    ['a page that may not act with the cookie', () => ({ ...cookie(), Origin: 'https://elsewhere.example' })],
  ])('but not %s', async (_name, headers) => {
    await read('', headers(), 200)
    expect(await isOnline()).toBe(false)
  })
})
