import { createSession, joinSession } from '../../src/client/client.js'
import { onReturn } from '../../src/client/page-life.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { Clients, CREATION, converged, HASTY, JOINING, TIMING, until } from '../support/clients.js'

/** How long a line must be quiet to count as silent. */
const SILENT_MS = 1_050

let server: BuiltServer
const clients = new Clients()

beforeAll(async () => {
  server = await startBuiltServer({ RATE_LIMITING: 'false', MAX_SESSIONS: '100' })
})

afterEach(() => clients.close())
afterAll(() => server.stop())

const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('a stream that died in silence: a new one at once, with its cursor and what was missed, three times running', async () => {
  const { leader, proxy } = await clients.table(server.url)
  const options = { url: proxy.url, timing: TIMING }
  const phone = clients.keep(await joinSession(leader.sessionId, JOINING, options))
  await until(() => phone.connection === 'streaming')
  for (const _time of [1, 2, 3]) {
    await converged(phone, server.url)
    const version = phone.state?.state_version
    proxy.silence()
    await leader.commands.start()
    await leader.commands.vote('5')
    await leader.commands.reveal()
    await passed(SILENT_MS)
    expect(phone.state?.state_version).toBe(version)
    const streams = proxy.streams.count
    // By itself it would take a minute to notice, which this test does not have.
    phone.wake()
    await until(() => proxy.streams.count > streams)
    expect(proxy.streams.cursors.at(-1)).toBe(String(version))
    await until(() => phone.state?.status === 'results')
    expect(proxy.streams.count).toBe(streams + 1)
  }
  expect([phone.resyncs, phone.failure]).toEqual([0, null])
})

test('waking ends a wait for the next attempt, however long', async () => {
  const { member, proxy } = await clients.table(server.url)
  await until(() => member.connection === 'streaming')
  proxy.fault.answer = { status: 503, headers: { 'Retry-After': '3000' } }
  proxy.cut()
  await until(() => member.failure !== null)
  delete proxy.fault.answer
  // The next attempt comes a second after the failed one, whenever in that second the page is back.
  member.wake()
  member.wake()
  await until(() => member.connection === 'streaming')
  expect(member.failure).toBeNull()
})

test('a polling client asks again at once, without trying a stream first', async () => {
  const { leader, proxy } = await clients.table(server.url, { isBuffering: true })
  const polls: string[] = []
  const counting: typeof fetch = (input, init) => {
    if (String(input).includes('/events?')) polls.push(String(input))
    return fetch(input, init)
  }
  const timing = { ...TIMING, firstByteMs: HASTY.firstByteMs }
  const options = { url: proxy.url, timing, fetch: counting }
  const phone = clients.keep(await joinSession(leader.sessionId, JOINING, options))
  await until(() => phone.connection === 'polling')
  await converged(phone, server.url)
  await passed(SILENT_MS)
  const [asked, streams] = [polls.length, proxy.streams.count]
  phone.wake()
  await until(() => polls.length > asked)
  // Once for each version: on a busy machine somebody may have dropped and come back meanwhile.
  const again = polls.slice(asked)
  expect(new Set(again).size).toBe(again.length)
  expect(proxy.streams.count).toBe(streams)
  await leader.commands.start()
  await converged(phone, server.url)
  expect(phone.connection).toBe('polling')
})

test('a line heard within the last second is left alone', async () => {
  const { leader, member, proxy } = await clients.table(server.url)
  await until(() => member.connection === 'streaming')
  await passed(SILENT_MS)
  await leader.commands.start()
  await converged(member, server.url)
  for (let times = 0; times < 10; times += 1) member.wake()
  await leader.commands.vote('5')
  await converged(member, server.url)
  expect(proxy.streams.count).toBe(1)
})

test('several wake-ups in a row cause one attempt', async () => {
  const { member, proxy } = await clients.table(server.url)
  await until(() => member.connection === 'streaming')
  await passed(SILENT_MS)
  proxy.silence()
  for (let times = 0; times < 10; times += 1) member.wake()
  await until(() => proxy.streams.count === 2)
  member.wake()
  // Another attempt would come within a second of this one.
  await passed(SILENT_MS)
  expect(proxy.streams.count).toBe(2)
})

test('a closed client is not woken', async () => {
  const client = clients.keep(await createSession(CREATION, { url: server.url, timing: TIMING }))
  await client.close()
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  client.wake()
  expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')).toHaveLength(timers)
  expect(client.connection).toBe('closed')
})

describe('a page', () => {
  class Page extends EventTarget {
    visibilityState = 'visible'
  }

  afterEach(() => Reflect.deleteProperty(globalThis, 'document'))

  test('wakes its clients when it is shown again or thaws, but not when it is hidden', () => {
    const page = new Page()
    Reflect.set(globalThis, 'document', page)
    let returns = 0
    const stop = onReturn(() => {
      returns += 1
    })
    page.visibilityState = 'hidden'
    page.dispatchEvent(new Event('visibilitychange'))
    expect(returns).toBe(0)
    page.visibilityState = 'visible'
    page.dispatchEvent(new Event('visibilitychange'))
    page.dispatchEvent(new Event('resume'))
    expect(returns).toBe(2)
    stop()
    page.dispatchEvent(new Event('visibilitychange'))
    expect(returns).toBe(2)
  })

  test('wakes its client by itself', async () => {
    const page = new Page()
    Reflect.set(globalThis, 'document', page)
    const { member, proxy } = await clients.table(server.url)
    await until(() => member.connection === 'streaming')
    await passed(SILENT_MS)
    page.dispatchEvent(new Event('visibilitychange'))
    await until(() => proxy.streams.count === 2)
    await member.close()
    page.dispatchEvent(new Event('visibilitychange'))
    expect(proxy.streams.count).toBe(2)
  })
})
