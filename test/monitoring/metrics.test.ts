import type { Instruments } from '../../src/monitoring/instruments.js'
import { Api, type Person } from '../support/api.js'
import { fragile } from '../support/fragile-chart.js'
import { type InProcess, type InProcessOptions, startInProcess } from '../support/in-process.js'
import { waitUntil } from '../support/log-lines.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

let server: InProcess
let api: Api
let instruments: Instruments
const streams: TestStream[] = []

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close()
  await server.stop()
})

async function start(options: InProcessOptions = {}): Promise<void> {
  server = await startInProcess(options)
  api = new Api(server.url)
  instruments = await server.services.monitoring.instruments()
}

const counters = () => instruments.figures().counters
const gauges = () => instruments.figures().gauges
const histograms = () => instruments.figures().histograms

async function open(person: Person, lastEventId?: number): Promise<TestStream> {
  const stream = new TestStream(server.url, person.sessionId, {
    token: person.token,
    ...(lastEventId === undefined ? {} : { lastEventId }),
  })
  streams.push(stream)
  return stream.until(({ frames }) => frames.length > 0)
}

/** The series of a scrape in Prometheus' text format, with their values. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const { status, text, headers } = await api.request('/metrics')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

test('requests are counted by endpoint, method and status, and refusals by code too, but never by path', async () => {
  await start({ environment: { RATE_LIMITING: 'false' } })
  const ada = await api.create()
  await api.command(ada, 'start')
  await api.command(ada, 'vote', { vote: '5' })
  await api.post(`/api/sessions/${ada.sessionId}/vote`, { by: ada, body: { vote: 'x' } })
  await api.post(`/api/sessions/${ada.sessionId}/vote`, { by: ada, body: '{' })
  await api.request('/nowhere')
  await api.request('/health', { method: 'PUT' })
  await waitUntil(() => counters()['api_requests_total[endpoint=none,method=PUT,status=405]'] === 1)
  const requests = Object.entries(counters()).filter(([series]) => series.startsWith('api_requests_total['))
  const vote = 'endpoint=/api/sessions/{session_id}/vote,method=POST'
  expect(Object.fromEntries(requests)).toEqual({
    'api_requests_total[endpoint=/api/sessions,method=POST,status=201]': 1,
    'api_requests_total[endpoint=/api/sessions/{session_id}/start,method=POST,status=200]': 1,
    [`api_requests_total[${vote},status=200]`]: 1,
    [`api_requests_total[${vote},status=422]`]: 1,
    [`api_requests_total[${vote},status=400]`]: 1,
    'api_requests_total[endpoint=none,method=GET,status=404]': 1,
    'api_requests_total[endpoint=none,method=PUT,status=405]': 1,
  })
  expect(counters()['api_requests_total']).toBe(7)
  expect(histograms()[`api_request_duration_seconds[${vote}]`]?.count).toBe(3)
  expect(histograms()['api_request_duration_seconds']?.count).toBe(7)
  expect(counters()).toMatchObject({
    errors_total: 4,
    'errors_total[error_type=VALIDATION_ERROR,severity=info]': 1,
    'errors_total[error_type=METHOD_NOT_ALLOWED,severity=info]': 1,
  })
})

test('sessions, participants and commands are counted', async () => {
  await start()
  const ada = await api.create()
  await api.join(ada.sessionId)
  const bea = await api.create('Other', 'Bea')
  await api.command(ada, 'start')
  await api.post(`/api/sessions/${ada.sessionId}/resume`, { by: ada })
  await api.command(bea, 'leave')
  expect(gauges()).toMatchObject({
    sessions_max: 3,
    sessions_active: 1,
    'sessions[status=voting]': 1,
    'sessions[status=waiting]': 0,
    users_active: 2,
    users_away: 0,
  })
  expect(counters()).toMatchObject({
    sessions_created_total: 2,
    sessions_ended_total: 1,
    'sessions_ended_total[reason=empty]': 1,
    users_joined_total: 3,
    'commands_total[outcome=done]': 3,
    'commands_total[outcome=refused]': 1,
  })
})

test('rounds, sessions and phones are measured', async () => {
  const clock = new SimulatedClock(Date.parse('2026-01-31T09:30:00.000Z'))
  await start({ clock })
  const ada = await api.create()
  await api.command(ada, 'start')
  clock.increment(20_000)
  await api.command(ada, 'vote', { vote: '5' })
  clock.increment(10_000)
  await api.command(ada, 'reveal')
  await api.post(`/api/mobile/${ada.sessionId}/optimize?battery_level=25`, { by: ada })
  clock.increment(30_000)
  await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
  expect(counters()).toMatchObject({
    voting_rounds_total: 1,
    mobile_optimizations_total: 2,
    'mobile_optimizations_total[optimization_type=event_batching]': 1,
    'mobile_optimizations_total[optimization_type=reduced_animations]': 0,
    'mobile_optimizations_total[optimization_type=touch_optimized]': 1,
  })
  const one = (value: number, timestamp: string) => ({
    count: 1,
    avg: value,
    min: value,
    max: value,
    sum: value,
    recent: [{ value, timestamp }],
  })
  expect(histograms()['voting_duration_seconds']).toMatchObject(one(30, '2026-01-31T09:30:30.000Z'))
  expect(histograms()['votes_per_round']).toMatchObject(one(1, '2026-01-31T09:30:30.000Z'))
  expect(histograms()['session_duration_minutes']).toMatchObject(one(1, '2026-01-31T09:31:00.000Z'))
})

test('streams are counted: how they began, what they got, why they ended', async () => {
  await start({ environment: { EVENT_LOG_SIZE: '16', MAX_STREAMS_PER_PARTICIPANT: '3' } })
  const ada = await api.create()
  const bob = await api.join(ada.sessionId)
  const [first] = [await open(ada), await open(bob)]
  await api.command(ada, 'start')
  for (let vote = 0; vote < 20; vote += 1) await api.command(ada, 'vote', { vote: '5' })
  const { state_version: version } = await api.session(ada.sessionId)
  await Promise.all(streams.map((stream) => stream.untilVersion(version)))
  expect(counters()['events_delivered_total']).toBe(2 * (version - 1))
  expect(counters()['events_published_total']).toBe(version)

  await open(ada, version - 3)
  await open(ada, 1)
  expect(gauges()['sse_connections_active']).toBe(4)
  expect(counters()).toMatchObject({
    'sse_connections_total[start=fresh]': 2,
    'sse_connections_total[start=replay]': 1,
    'sse_connections_total[start=full_sync]': 1,
    'resyncs_total[reason=log_moved_on]': 1,
  })

  await open(ada)
  await first?.untilClosed()
  await api.command(bob, 'leave')
  streams.at(-1)?.close()
  await waitUntil(() => gauges()['sse_connections_active'] === 2)
  await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
  await waitUntil(() => gauges()['sse_connections_active'] === 0)
  expect(counters()).toMatchObject({
    'sse_connections_closed_total[reason=replaced]': 1,
    'sse_connections_closed_total[reason=participant_left]': 1,
    'sse_connections_closed_total[reason=client]': 1,
    'sse_connections_closed_total[reason=session_ended]': 2,
  })
})

test('a broadcast is timed once, however many readers it has', async () => {
  await start({ environment: { RATE_LIMITING: 'false' } })
  const ada = await api.create()
  await api.command(ada, 'extend')
  expect(histograms()['broadcast_latency_seconds']?.count).toBe(0)
  await Promise.all(Array.from({ length: 8 }, () => open(ada)))
  // A tick that fires nothing makes no event, so nothing is broadcast.
  for (const host of server.services.supervisor.sessions()) host.propose({ type: 'tick', at: Date.now() })
  await api.command(ada, 'start')
  await Promise.all(streams.map((stream) => stream.untilType('voting_started')))
  const latency = histograms()['broadcast_latency_seconds']
  expect(latency?.count).toBe(1)
  expect(latency?.p99).toBeLessThan(0.1)
})

test('reconnections and restarts are counted', async () => {
  const { machine, fuse } = fragile('extend')
  await start({ machine })
  const ada = await api.create()
  await api.command(ada, 'reconnect')
  const { state_version, state_checksum } = await api.session(ada.sessionId)
  await api.command(ada, 'reconnect', { client_state: { state_version, state_checksum } })
  fuse.isLit = true
  await api.post(`/api/sessions/${ada.sessionId}/extend`, { by: ada })
  expect(counters()).toMatchObject({
    'reconnects_total[sync=full_sync]': 1,
    'reconnects_total[sync=no_sync_needed]': 1,
    actor_failures_total: 1,
    actor_restarts_total: 1,
    'commands_total[outcome=failed]': 1,
  })
})

test('Prometheus gets the same figures, plus those of the process', async () => {
  await start()
  const ada = await api.create()
  await open(ada)
  await api.command(ada, 'start')
  await api.request('/nowhere')
  await waitUntil(() => counters()['errors_total'] === 1)
  const series = await scrape()
  for (const [name, value] of Object.entries(counters())) {
    // The scrape itself is a request. Totals are up to Prometheus.
    const isTotal = Object.keys(counters()).some((other) => other.startsWith(`${name}[`))
    if (!name.startsWith('api_requests') && !isTotal)
      expect([name, series.get(inPrometheus(name))]).toEqual([name, value])
  }
  expect(series.get('magnapp_broadcast_latency_seconds_count')).toBe(1)
  expect(series.get('magnapp_broadcast_latency_seconds_bucket{le="+Inf"}')).toBe(1)
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_open_fds',
    'nodejs_eventloop_lag_p99_seconds',
  ]) {
    expect(series.has(name)).toBe(true)
  }
  // The text, rewritten once a second, includes an earlier scrape sooner or later.
  const own = 'magnapp_api_requests_total{endpoint="/metrics",method="GET",status="200"}'
  await waitUntil(async () => ((await scrape()).get(own) ?? 0) >= 1)
})

/** A series as Prometheus writes it. */
function inPrometheus(series: string): string {
  const [, name, labels] = /^(\w+)(?:\[(.*)\])?$/.exec(series) ?? []
  if (labels === undefined) return `magnapp_${name}`
  const pairs = labels.split(',').map((pair) => pair.replace(/^(\w+)=(.*)$/, '$1="$2"'))
  return `magnapp_${name}{${pairs.join(',')}}`
}

test('no label has an id, a name or a path', async () => {
  await start()
  const ada = await api.create('Kryptonfest', 'Zaphodine')
  await open(ada)
  await api.request(`/api/sessions/${ada.sessionId}/nonsense`)
  await api.request(`/${ada.token}`)
  const { text } = await api.request('/metrics')
  const figures = JSON.stringify((await api.request('/api/health/metrics')).body)
  for (const secret of [ada.sessionId, ada.userId, ada.token, 'Kryptonfest', 'Zaphodine', 'nonsense']) {
    expect(text).not.toContain(secret)
    expect(figures).not.toContain(secret)
  }
})

test('METRICS_ENABLED=false: nothing is collected, and the check says so without counting as a fault', async () => {
  await start({ environment: { METRICS_ENABLED: 'false' } })
  const ada = await api.create()
  await open(ada)
  await api.request('/nowhere')
  const { status, body } = await api.request('/metrics')
  expect([status, body.error_code]).toEqual([404, 'NOT_FOUND'])
  const figures = await api.request('/api/health/metrics')
  expect([figures.status, figures.body]).toEqual([
    200,
    { counters: {}, gauges: {}, histograms: {}, collection_time: expect.any(String) },
  ])
  expect(server.services.telemetry.requests).toEqual([])
  expect(server.services.telemetry.errors).toEqual([])
  expect((await api.post('/api/health/checks')).body).toMatchObject({
    metrics_collection: false,
    error_rate: true,
  })
  const health = await api.request('/api/health/status')
  expect([health.status, health.body.health_checks.metrics_collection]).toEqual([200, false])
  expect(health.body.application).toMatchObject({
    metrics_enabled: false,
    total_counters: 0,
    total_gauges: 0,
    total_histograms: 0,
  })
})

test('a fault of the server is an alert, but a refusal is not', async () => {
  const { machine, fuse } = fragile('extend')
  await start({ machine })
  const ada = await api.create()
  fuse.isLit = true
  await api.post(`/api/sessions/${ada.sessionId}/extend`, { by: ada })
  await api.request('/nowhere')
  const alerts = async () => (await api.request('/api/health/status')).body.recent_alerts
  await waitUntil(async () => (await alerts()).length > 0)
  expect(await alerts()).toEqual([
    {
      level: 'ERROR',
      message: 'Error occurred: Internal error',
      timestamp: expect.stringMatching(/Z$/),
      tags: { error_code: 'INTERNAL_SERVER_ERROR', severity: 'error' },
    },
  ])
})

test('the newest ten alerts are shown, and all that are kept are counted', async () => {
  await start()
  for (let count = 1; count <= 12; count += 1)
    server.services.alerts.add('WARNING', `number ${count}`, { check: 'memory_usage' })
  const { body } = await api.request('/api/health/status')
  expect(body.application.total_alerts).toBe(12)
  expect(body.recent_alerts).toHaveLength(10)
  expect(body.recent_alerts.at(-1)).toEqual({
    level: 'WARNING',
    message: 'number 12',
    timestamp: expect.stringMatching(/Z$/),
    tags: { check: 'memory_usage' },
  })
})
