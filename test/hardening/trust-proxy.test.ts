import { type Answer, Api, type RequestOptions } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { TestStream } from '../support/sse.js'

let server: InProcess
let api: Api

async function start(hops: number, environment: Record<string, string> = {}): Promise<void> {
  server = await startInProcess({ environment: { TRUST_PROXY: String(hops), ...environment } })
  api = new Api(server.url)
}

afterEach(() => server.stop())

const ADA = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox' }
const FORWARDED = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'poker.example' }

const create = (headers: Record<string, string>) => api.post('/api/sessions', { body: ADA, headers })

/** Uses up what one address may create; returns the answers to one more each for addresses it only claims. */
async function afterFlood(from: string, others: readonly string[]): Promise<number[]> {
  const send = (address: string) =>
    api.post('/api/sessions', { body: {}, headers: { 'X-Forwarded-For': address } })
  for (let sent = 0; sent < 60; sent += 1) expect((await send(from)).status).toBe(422)
  return Promise.all(others.map(async (address) => (await send(address)).status))
}

/** An action with the cookie, as a page of an origin sends it. */
async function act(created: Answer, headers: Record<string, string>): Promise<number> {
  const cookie = String(created.headers.get('set-cookie')).split(';')[0] ?? ''
  const options: RequestOptions = { headers: { Cookie: cookie, ...headers } }
  return (await api.post(`/api/sessions/${created.body.session_id}/extend`, options)).status
}

/** Why: whoever connects directly can write what they like into these headers. */
describe('without a proxy nothing that is forwarded is believed', () => {
  test('limits count the connection', async () => {
    await start(0)
    expect(await afterFlood('203.0.113.1', ['203.0.113.2', '127.0.0.1'])).toEqual([429, 429])
  })

  test('streams are counted for the connection', async () => {
    await start(0, { MAX_STREAMS_PER_ADDRESS: '1' })
    const { sessionId } = await api.create()
    const open = (address: string) =>
      new TestStream(server.url, sessionId, { headers: { 'X-Forwarded-For': address } })
    const first = await open('203.0.113.1').untilType('session_updated')
    await open('203.0.113.2').untilClosed()
    first.close()
  })

  test('the cookie is not secure, and the link is to the host that was requested', async () => {
    await start(0)
    const { headers, body } = await create(FORWARDED)
    expect(headers.get('set-cookie')).not.toMatch(/Secure/)
    expect(body.join_url).toBe(`${server.url}/s/${body.session_id}`)
  })

  test("a page cannot make another origin the server's own", async () => {
    await start(0)
    expect(await act(await create({}), { Origin: 'https://poker.example', ...FORWARDED })).toBe(403)
  })
})

describe('behind one proxy', () => {
  test('limits count what the proxy saw, whatever its client wrote before', async () => {
    await start(1)
    const answers = await afterFlood('203.0.113.1', [
      '203.0.113.2',
      'spoofed, 203.0.113.1',
      '198.51.100.7, 203.0.113.1',
      '203.0.113.1, 203.0.113.2',
    ])
    expect(answers).toEqual([422, 429, 429, 422])
  })

  test('a port after an address, as some proxies write it, does not make it another client', async () => {
    await start(1)
    const answers = await afterFlood('203.0.113.9:40001', [
      '203.0.113.9',
      '203.0.113.9:40002',
      '203.0.113.10:40001',
      '[2001:db8::7]:40001',
    ])
    expect(answers).toEqual([429, 429, 422, 422])
    await server.stop()
    await start(1)
    expect(
      await afterFlood('[2001:db8:1::7]:1', ['[2001:db8:1::7]:2', '2001:db8:1::8', '[2001:db8:2::7]']),
    ).toEqual([429, 429, 422])
  })

  test('what is not an address counts as the connection', async () => {
    await start(1)
    expect(await afterFlood('unknown', ['_hidden', '', 'x'.repeat(5_000), '203.0.113.1'])).toEqual([
      429, 429, 429, 422,
    ])
  })

  test('all addresses of an IPv6 network count as one', async () => {
    await start(1)
    expect(await afterFlood('2001:db8:1::1', ['2001:db8:1::ffff:2', '2001:db8:2::1'])).toEqual([429, 422])
  })

  test('streams are counted for what the proxy saw', async () => {
    await start(1, { MAX_STREAMS_PER_ADDRESS: '1' })
    const { sessionId } = await api.create()
    const open = (address: string) =>
      new TestStream(server.url, sessionId, { headers: { 'X-Forwarded-For': address } })
    const first = await open('203.0.113.1').untilType('session_updated')
    const second = await open('203.0.113.2').untilType('session_updated')
    await open('spoofed, 203.0.113.2').untilClosed()
    for (const stream of [first, second]) stream.close()
  })

  test('the cookie is secure and the link is what the browser has, when the proxy speaks TLS', async () => {
    await start(1)
    const { headers, body } = await create(FORWARDED)
    expect(headers.get('set-cookie')).toMatch(/; Secure/)
    expect(body.join_url).toBe(`https://poker.example/s/${body.session_id}`)
  })

  test("the server's own origin is the one that the browser has", async () => {
    await start(1)
    const created = await create(FORWARDED)
    expect(await act(created, { Origin: 'https://poker.example', ...FORWARDED })).toBe(200)
    expect(await act(created, { Origin: 'https://evil.example', ...FORWARDED })).toBe(403)
    expect(await act(created, { Origin: 'null', ...FORWARDED })).toBe(403)
  })
})
