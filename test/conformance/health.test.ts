import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer, testOfOneNode } from '../support/built-server.js'
import { startInProcess } from '../support/in-process.js'
import { linesOf, waitUntil } from '../support/log-lines.js'

let server: BuiltServer
let api: Api

beforeAll(async () => {
  server = await startBuiltServer({
    RATE_LIMITING: 'false',
    LOG_REQUESTS: 'false',
    HEALTH_CHECK_INTERVAL: '1',
  })
  api = new Api(server.url)
})

afterAll(() => server.stop())

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('GET /api/health/status: what it is, what is checked, and what was wrong', async () => {
  await api.create()
  const { status, body } = await api.request('/api/health/status')
  expect(status).toBe(200)
  expect(Object.keys(body)).toEqual([
    'status',
    'timestamp',
    'uptime_seconds',
    'system',
    'application',
    'command_log',
    'health_checks',
    'check_details',
    'recent_alerts',
  ])
  expect(['healthy', 'degraded']).toContain(body.status)
  const { total_mb, available_mb, used_percent } = body.system.memory
  expect(used_percent).toBeCloseTo((1 - available_mb / total_mb) * 100, 0)
  expect(body.application).toMatchObject({ active_sessions: 1, max_sessions: 3, participants: 1 })
  expect(body.recent_alerts).toEqual(expect.any(Array))
})

test('CPU is checked once two background samples are in', async () => {
  const details = async () => (await api.request('/api/health/status')).body.check_details
  await waitUntil(async () => (await details()).cpu_usage.value !== null)
})

test('GET /api/health/metrics: counters, gauges and histograms', async () => {
  const { status, body } = await api.request('/api/health/metrics')
  expect(status).toBe(200)
  expect(Object.keys(body)).toEqual(['counters', 'gauges', 'histograms', 'collection_time'])
  expect(body.gauges.sessions_max).toBe(3)
})

test('POST /api/health/checks: all six, as booleans', async () => {
  const { status, body } = await api.post('/api/health/checks')
  expect(status).toBe(200)
  expect(body).toEqual({
    memory_usage: expect.any(Boolean),
    cpu_usage: expect.any(Boolean),
    disk_space: expect.any(Boolean),
    metrics_collection: expect.any(Boolean),
    error_rate: true,
    response_time: expect.any(Boolean),
  })
})

test('GET /api/health/capacity follows the sessions to the cap', async () => {
  // With several servers, the others hear of a new session a moment later.
  const capacityWith = async (active: number) => {
    for (;;) {
      const { body } = await api.request('/api/health/capacity')
      if (body.active_sessions === active) return body
    }
  }
  const { active_session_ids: before } = await capacityWith(1)
  const second = await api.create()
  expect(await capacityWith(2)).toMatchObject({
    max_sessions: 3,
    available_slots: 1,
    capacity_utilization: (2 / 3) * 100,
    at_capacity: false,
    near_capacity: true,
    active_session_ids: [...before, second.sessionId],
    oldest_session_age_minutes: 0,
  })
  await api.create()
  expect(await capacityWith(3)).toMatchObject({
    available_slots: 0,
    at_capacity: true,
    near_capacity: true,
  })
})

test('/livez answers while the server is busy', async () => {
  const busy = new AbortController()
  const flood = Array.from({ length: 20 }, async () => {
    while (!busy.signal.aborted) await api.request('/api/health/metrics')
  })
  for (let probe = 0; probe < 10; probe += 1) {
    const { status, body } = await api.request('/livez')
    expect([status, body]).toEqual([200, { status: 'live' }])
  }
  busy.abort()
  await Promise.all(flood)
})

testOfOneNode(
  'an event loop that stalls for two seconds: alive, not ready for a moment, then ready again',
  async () => {
    await waitUntil(async () => (await api.request('/readyz')).status === 200)
    server.process.kill('SIGSTOP')
    await pause(2_000)
    server.process.kill('SIGCONT')
    const { status, body, headers } = await api.request('/readyz')
    expect([status, body.error_code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
    expect(headers.get('retry-after')).toBe('5')
    expect((await api.request('/livez')).status).toBe(200)
    expect((await api.request('/health')).status).toBe(200)
    const report = await api.request('/api/health/status')
    expect([report.status, report.body.status]).toEqual([503, 'unhealthy'])
    await waitUntil(async () => (await api.request('/readyz')).status === 200)
    const { body: after } = await api.request('/api/health/status')
    expect(after.recent_alerts).toContainEqual(
      expect.objectContaining({ level: 'WARNING', tags: expect.objectContaining({ check: 'event_loop' }) }),
    )
    const stalls = linesOf(server.output(), 'event loop stalled').map(({ stalled_ms }) => stalled_ms)
    expect(Math.max(...stalls)).toBeGreaterThanOrEqual(1_500)
  },
)

test('while the server drains: not ready, still alive, and it says so', async () => {
  const draining = await startInProcess()
  const ask = new Api(draining.url)
  expect((await ask.request('/readyz')).body).toEqual({ status: 'ready' })
  draining.services.supervisor.drain()
  const { status, body } = await ask.request('/readyz')
  expect([status, body.error_code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
  expect((await ask.request('/livez')).status).toBe(200)
  const report = await ask.request('/api/health/status')
  expect([report.status, report.body.status]).toEqual([503, 'draining'])
  await draining.stop()
})
