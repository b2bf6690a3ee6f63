import { ROUTES } from '../../src/wire/routes.js'
import { type InProcess, startInProcess } from '../support/in-process.js'

const PAGE = 'https://poker.example'
const OTHER = 'https://evil.example'

let server: InProcess

afterEach(() => server.stop())

function start(environment: Record<string, string> = {}): Promise<InProcess> {
  return startInProcess({
    environment: { CORS_ORIGINS: `["${PAGE}","http://localhost:5173"]`, ...environment },
  })
}

/** What a browser is told about an origin. */
async function ask(origin: string, { method = 'GET', headers = {} } = {}) {
  return await fetch(`${server.url}/api/sessions`, { method, headers: { Origin: origin, ...headers } })
}

const preflight = (origin: string) =>
  ask(origin, {
    method: 'OPTIONS',
    headers: {
      'Access-Control-Request-Method': 'DELETE',
      'Access-Control-Request-Headers': 'authorization,last-event-id,x-evil',
    },
  })

describe('a page of another origin (contract section 2)', () => {
  test.each([PAGE, 'http://localhost:5173'])(
    '%s is listed: it may read answers and send the cookie',
    async (origin) => {
      server = await start()
      const { headers } = await ask(origin)
      expect(headers.get('access-control-allow-origin')).toBe(origin)
      expect(headers.get('access-control-allow-credentials')).toBe('true')
      expect(headers.get('vary')).toMatch(/\bOrigin\b/)
      expect(headers.get('access-control-expose-headers')).toMatch(/RateLimit/)
    },
  )

  test.each([
    OTHER,
    'null',
    'http://poker.example',
    'https://poker.example:444',
    'https://poker.example.evil.example',
    'https://sub.poker.example',
    'HTTPS://POKER.EXAMPLE',
    '*',
  ])('%s is not listed: it is not echoed, and caches keep the answers apart', async (origin) => {
    server = await start()
    for (const { headers } of [await ask(origin), await preflight(origin)]) {
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect([...headers.values()].filter((value) => value.includes(origin) && origin !== '*')).toEqual([])
      expect(headers.get('vary')).toMatch(/\bOrigin\b/)
    }
  })

  test('an empty list lists nobody', async () => {
    server = await start({ CORS_ORIGINS: '[]' })
    const { headers } = await ask(PAGE)
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('a preflight names the methods and headers that exist, whatever it asks for', async () => {
    server = await start()
    const { status, headers } = await preflight(PAGE)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(PAGE)
    const used = Object.values(ROUTES).map(({ method }) => method.toUpperCase())
    expect(headers.get('access-control-allow-methods')?.split(',').sort()).toEqual(
      [...new Set([...used, 'HEAD'])].sort(),
    )
    expect(headers.get('access-control-allow-headers')).toMatch(/Authorization.*Last-Event-ID/)
    expect(headers.get('access-control-allow-headers')).not.toMatch(/x-evil/i)
    expect(headers.get('access-control-max-age')).toBe('600')
  })

  test('without CORS_CREDENTIALS no cookie may be sent', async () => {
    server = await start({ CORS_CREDENTIALS: 'false' })
    for (const { headers } of [await ask(PAGE), await preflight(PAGE)]) {
      expect(headers.get('access-control-allow-origin')).toBe(PAGE)
      expect(headers.get('access-control-allow-credentials')).toBeNull()
    }
  })

  test('"*" lists every page, and none may send the cookie', async () => {
    server = await start({ CORS_ORIGINS: '["*"]', CORS_CREDENTIALS: 'false' })
    for (const { headers } of [await ask(OTHER), await preflight(OTHER)]) {
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
    }
  })

  test('CORS_METHODS and CORS_HEADERS say what it may use', async () => {
    server = await start({ CORS_METHODS: '["GET"]', CORS_HEADERS: '["X-Own"]' })
    const { headers } = await preflight(PAGE)
    expect(headers.get('access-control-allow-methods')).toBe('GET')
    expect(headers.get('access-control-allow-headers')).toBe('X-Own')
  })

  test('"*" there allows all it asks for, spelled out: with cookies, browsers accept no star', async () => {
    server = await start({ CORS_METHODS: '["*"]', CORS_HEADERS: '["*"]' })
    const { headers } = await preflight(PAGE)
    expect(headers.get('access-control-allow-methods')?.split(',')).toEqual(
      expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    )
    expect(headers.get('access-control-allow-headers')).toBe('authorization,last-event-id,x-evil')
    expect(headers.get('access-control-allow-credentials')).toBe('true')
  })
})
