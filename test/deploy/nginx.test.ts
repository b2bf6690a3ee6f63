import { BehindProxy } from '../support/behind-proxy.js'
import { startBrowser } from '../support/browser.js'
import { HOST } from '../support/front-proxy.js'
import { waitUntil } from '../support/log-lines.js'
import { program } from '../support/programs.js'

/** What nginx allows one address at once, and then a hundred a second. */
const BURST = 400

describe("nginx's own answers", () => {
  const stand = BehindProxy.forTests('nginx', {})
  if (stand === null) return test.skip('look like those of the server', () => {})

  test('a flood gets RATE_LIMITED, and a stream of the same address is told to come back', async () => {
    const api = await stand.client()
    const { sessionId } = await api.create()
    const answers = await Promise.all(Array.from({ length: 2 * BURST }, () => api.request('/health')))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(BURST)
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.headers.get('content-type')).toBe('application/problem+json')
    expect(refused?.headers.get('retry-after')).toBe('5')
    expect(refused?.body).toMatchObject({
      error: true,
      error_code: 'RATE_LIMITED',
      status: 429,
      retry_after: 5,
    })
    await api.stream(sessionId).untilType('session_updated')
  })

  test('a body far too large: PAYLOAD_TOO_LARGE', async () => {
    const api = await stand.client('127.0.0.2')
    const { status, body } = await api.post('/api/sessions', { body: `"${'x'.repeat(300_000)}"` })
    expect(status).toBe(413)
    expect(body).toMatchObject({ error: true, error_code: 'PAYLOAD_TOO_LARGE', status: 413 })
  })

  test('its log leaves out health checks', async () => {
    const api = await stand.client('127.0.0.4')
    for (const path of ['/health', '/health/', '/livez', '/api/health/capacity']) await api.request(path)
    const paths = () =>
      [...stand.proxy.log().matchAll(/"address":"127\.0\.0\.4".*?"path":"([^"]*)"/g)].map(([, path]) => path)
    // It writes a line when the request is over for it, which is after its answer.
    await waitUntil(() => paths().includes('/api/health/capacity'))
    expect(paths()).toEqual(['/livez', '/api/health/capacity'])
  })

  test('no server: SERVICE_UNAVAILABLE', async () => {
    const api = await stand.client('127.0.0.3')
    const bringBack = await stand.takeServerAway()
    const { status, headers, body } = await api.request('/api/sessions')
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('5')
    expect(body).toMatchObject({ error: true, error_code: 'SERVICE_UNAVAILABLE', status: 503 })
    await bringBack()
    expect((await api.request('/api/sessions')).status).toBe(200)
  })
})

describe('a browser behind nginx', () => {
  const stand = BehindProxy.forTests('nginx', {})
  const chromium = program('chromium')
  if (stand === null || chromium === null) return test.skip('has its streams', () => {})

  test('has twenty streams at once, where HTTP/1.1 would have let it open six', async () => {
    const ada = await (await stand.client()).create()
    const browser = await startBrowser(chromium, [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`])
    try {
      const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
      // A page whose policy lets it connect to its own server, unlike that of a JSON answer.
      await page.goto(`https://${HOST}:${stand.proxy.port}/docs`)
      expect(await page.evaluate('performance.getEntriesByType("navigation")[0].nextHopProtocol')).toBe('h2')
      const first = await page.evaluate(`Promise.all(Array.from({ length: 20 }, () => {
        const source = new EventSource('/api/sse/${ada.sessionId}')
        return new Promise((resolve, reject) => {
          source.onmessage = ({ data }) => resolve(JSON.parse(data).type)
          setTimeout(() => reject(new Error('no event in time')), 10000)
        })
      }))`)
      expect(first).toEqual(Array(20).fill('session_updated'))
    } finally {
      await browser.close()
    }
  })
})
