import { parseEnv } from 'node:util'
import { Api } from '../../support/api.js'
import { type BuiltServer, startBuiltServer, testOfOneNode } from '../../support/built-server.js'
import { linesOf } from '../../support/log-lines.js'

/** The plan's own files, verbatim. */
const DEVELOPMENT = `
# MagnaPP Planning Poker - Environment Configuration

# Server Configuration
DEBUG=true
HOST=0.0.0.0
PORT=8000
LOG_LEVEL=DEBUG

# Session Configuration
MAX_SESSIONS=3
MAX_USERS_PER_SESSION=16
SESSION_TIMEOUT_MINUTES=10
GRACE_PERIOD_MINUTES=5
CLEANUP_INTERVAL_SECONDS=120

# CORS Configuration
CORS_ORIGINS=["http://localhost:5173","http://localhost:3000"]
CORS_CREDENTIALS=true

# Monitoring Configuration
HEALTH_CHECK_INTERVAL=30
METRICS_ENABLED=true
LOG_REQUESTS=true

# Mobile Optimization
MOBILE_HEARTBEAT_INTERVAL=30
MOBILE_BATTERY_OPTIMIZATION=true
NETWORK_ADAPTIVE_FEATURES=true

# Development Only
RELOAD=true
AUTO_RELOAD_DIRS=["src"]
`

const PRODUCTION = `
# MagnaPP Planning Poker - Production Configuration

# Server Configuration
DEBUG=false
HOST=0.0.0.0
PORT=8000
LOG_LEVEL=INFO

# Session Configuration
MAX_SESSIONS=3
MAX_USERS_PER_SESSION=16
SESSION_TIMEOUT_MINUTES=10
GRACE_PERIOD_MINUTES=5
CLEANUP_INTERVAL_SECONDS=120

# CORS Configuration (Set your production domain)
CORS_ORIGINS=["https://magnapp.com","https://www.magnapp.com"]
CORS_CREDENTIALS=true

# SSL Configuration (if using direct SSL)
# SSL_KEYFILE=/etc/ssl/private/magnapp.key
# SSL_CERTFILE=/etc/ssl/certs/magnapp.crt

# Monitoring Configuration
HEALTH_CHECK_INTERVAL=30
METRICS_ENABLED=true
LOG_REQUESTS=false  # Reduce logging in production
APM_ENABLED=false   # Set to true with APM service

# Security
SECURE_HEADERS=true
RATE_LIMITING=true
MAX_REQUEST_SIZE=1048576  # 1MB

# Mobile Optimization
MOBILE_HEARTBEAT_INTERVAL=60  # Longer interval in production
MOBILE_BATTERY_OPTIMIZATION=true
NETWORK_ADAPTIVE_FEATURES=true

# Process Management
WORKERS=4
WORKER_CONNECTIONS=1000
MAX_REQUESTS=1000
`

let server: BuiltServer | null = null

afterEach(async () => {
  await server?.stop()
  server = null
})

/** Starts the server with one of the plan's files; only where it listens is up to the test. */
async function startWith(file: string, others: Record<string, string> = {}): Promise<Api> {
  const environment = Object.entries(parseEnv(file)).map(([name, value]) => [name, value ?? ''])
  server = await startBuiltServer({
    ...Object.fromEntries(environment),
    ...others,
    HOST: '127.0.0.1',
    PORT: '0',
  })
  return new Api(server.url)
}

describe('the plan’s environment files start the server as they are', () => {
  testOfOneNode.each([
    ['L2261-2294, .env.example', DEVELOPMENT, ['RELOAD', 'AUTO_RELOAD_DIRS'], 30],
    [
      'L2297-2341, .env.prod.example',
      PRODUCTION,
      ['WORKERS', 'WORKER_CONNECTIONS', 'MAX_REQUESTS', 'APM_ENABLED'],
      60,
    ],
  ])('%s', async (_file, text, variables, heartbeat) => {
    const api = await startWith(text)
    const ada = await api.create()
    const { body } = await api.request(`/api/mobile/${ada.sessionId}/heartbeat`, { by: ada })
    expect(body.next_heartbeat).toBe(heartbeat)
    expect(linesOf(server?.output() ?? '', 'settings without effect')).toEqual([
      expect.objectContaining({ level: 'warn', variables }),
    ])
  })

  test('L2532: with IDENTITY=open added, a user id is all that a command needs', async () => {
    const api = await startWith(PRODUCTION, { IDENTITY: 'open' })
    const ada = await api.create()
    const { status } = await api.post(`/api/sessions/${ada.sessionId}/start?user_id=${ada.userId}`)
    expect(status).toBe(200)
  })

  test('L1801: CORS_ORIGINS=[""], to be set from the environment, lists nobody', async () => {
    const api = await startWith('CORS_ORIGINS=[""]')
    const { status, headers } = await api.request('/health', { headers: { Origin: 'http://localhost:5173' } })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, null])
  })

  test.each(['critical', 'CRITICAL', 'ERROR', 'WARNING', 'Info'])(
    'L1996: LOG_LEVEL=%s',
    async (LOG_LEVEL) => {
      // Whether it logs that at that level is another matter.
      const api = await startWith('', { LOG_LEVEL, DEBUG: '1' })
      expect((await api.request('/health')).status).toBe(200)
    },
  )

  test('L1681-1682, 2381-2382: CORS_METHODS and CORS_HEADERS as the plan sets them', async () => {
    const api = await startWith('CORS_METHODS=["GET","POST","DELETE"]\nCORS_HEADERS=["*"]')
    const { status, headers } = await api.request('/api/sessions', {
      method: 'OPTIONS',
      headers: {
        Origin: 'http://localhost:5173',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type,x-anything',
      },
    })
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-methods')).toBe('GET,POST,DELETE')
    expect(headers.get('access-control-allow-headers')).toBe('content-type,x-anything')
  })

  testOfOneNode(
    'L2008-2009: RUN_USER and RUN_GROUP are reported as without effect; empty settings are not',
    async () => {
      await startWith('RUN_USER=magnapp\nRUN_GROUP=magnapp\nWORKERS=')
      expect(linesOf(server?.output() ?? '', 'settings without effect')).toEqual([
        expect.objectContaining({ level: 'warn', variables: ['RUN_USER', 'RUN_GROUP'] }),
      ])
    },
  )

  test('L2330: a body may have a megabyte where a route has use for it', async () => {
    const api = await startWith(PRODUCTION)
    const ada = await api.create()
    const send = (bytes: number) => {
      const [before, after] = ['{"stories":[{"title":"', '"}]}']
      const title = 'x'.repeat(bytes - before.length - after.length)
      const body = before + title + after
      return api.post(`/api/sessions/${ada.sessionId}/stories`, { by: ada, body })
    }
    // It is read, and only then is the title too long.
    expect((await send(1_048_576)).body).toMatchObject({ error_code: 'VALIDATION_ERROR' })
    const { status, body } = await send(1_048_577)
    expect([status, body.context]).toMatchObject([413, { max_bytes: 1_048_576 }])
    // A command’s body has a smaller limit, and the unknown members in it are ignored.
    const known = await api.post(`/api/sessions/${ada.sessionId}/reconnect`, {
      by: ada,
      body: { client_state: { note: 'x'.repeat(60_000) } },
    })
    expect([known.status, known.body.sync_data.type]).toEqual([200, 'full_sync'])
  })
})
