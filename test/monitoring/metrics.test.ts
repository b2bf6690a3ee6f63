import type { Instruments } from '../../src/monitoring/instruments.js'
import { Api, type Person } from '../support/api.js'
import { fragile } from '../support/fragile-chart.js'
import { type InProcess, type InProcessOptions, startInProcess } from '../support/in-process.js'
import { waitUntil } from '../support/log-lines.js'
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

/** The series of a text in Prometheus' format, with their values. */
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

test('requests are counted by route and status, refusals too, never by path', async () => {
  await start({ environment: { RATE_LIMITING: 'false' } })
  const ada = await api.create()
  await api.command(ada, 'start')
  await api.command(ada, 'vote', { vote: '5' })
  await api.post(`/api/sessions/${ada.sessionId}/vote`, { by: ada, body: { vote: 'x' } })
  await api.post(`/api/sessions/${ada.sessionId}/vote`, { by: ada, body: '{' })
  await api.request('/nowhere')
  await api.request('/health', { method: 'PUT' })
  await waitUntil(() => counters()['magnapp_http_requests_total{route="none",status="405"}'] === 1)
  const requests = Object.entries(counters()).filter(([series]) => series.startsWith('magnapp_http_requests'))
  expect(Object.fromEntries(requests)).toEqual({
    'magnapp_http_requests_total{route="createSession",status="201"}': 1,
    'magnapp_http_requests_total{route="startRound",status="200"}': 1,
    'magnapp_http_requests_total{route="castVote",status="200"}': 1,
    'magnapp_http_requests_total{route="castVote",status="422"}': 1,
    'magnapp_http_requests_total{route="castVote",status="400"}': 1,
    'magnapp_http_requests_total{route="none",status="404"}': 1,
    'magnapp_http_requests_total{route="none",status="405"}': 1,
  })
  expect(histograms()['magnapp_http_request_duration_seconds{route="castVote"}']?.count).toBe(3)
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
    magnapp_sessions_max: 3,
    'magnapp_sessions{status="voting"}': 1,
    'magnapp_sessions{status="waiting"}': 0,
    'magnapp_participants{online="true"}': 2,
  })
  expect(counters()).toMatchObject({
    magnapp_sessions_created_total: 2,
    'magnapp_sessions_ended_total{reason="empty"}': 1,
    'magnapp_commands_total{outcome="done"}': 3,
    'magnapp_commands_total{outcome="refused"}': 1,
  })
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
  expect(counters()['magnapp_events_delivered_total']).toBe(2 * (version - 1))
  expect(counters()['magnapp_events_published_total']).toBe(version)

  await open(ada, version - 3)
  await open(ada, 1)
  expect(gauges()['magnapp_streams']).toBe(4)
  expect(counters()).toMatchObject({
    'magnapp_streams_opened_total{start="fresh"}': 2,
    'magnapp_streams_opened_total{start="replay"}': 1,
    'magnapp_streams_opened_total{start="full_sync"}': 1,
    'magnapp_resyncs_total{reason="log_moved_on"}': 1,
  })

  await open(ada)
  await first?.untilClosed()
  await api.command(bob, 'leave')
  streams.at(-1)?.close()
  await waitUntil(() => gauges()['magnapp_streams'] === 2)
  await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
  await waitUntil(() => gauges()['magnapp_streams'] === 0)
  expect(counters()).toMatchObject({
    'magnapp_streams_closed_total{reason="replaced"}': 1,
    'magnapp_streams_closed_total{reason="participant_left"}': 1,
    'magnapp_streams_closed_total{reason="client"}': 1,
    'magnapp_streams_closed_total{reason="session_ended"}': 2,
  })
})

test('a broadcast is timed once, however many read it', async () => {
  await start({ environment: { RATE_LIMITING: 'false' } })
  const ada = await api.create()
  await api.command(ada, 'extend')
  expect(histograms()['magnapp_broadcast_latency_seconds']?.count).toBe(0)
  await Promise.all(Array.from({ length: 8 }, () => open(ada)))
  // A tick that fires nothing makes no event, so there is nothing to broadcast.
  for (const host of server.services.supervisor.sessions()) host.propose({ type: 'tick', at: Date.now() })
  await api.command(ada, 'start')
  await Promise.all(streams.map((stream) => stream.untilType('voting_started')))
  const latency = histograms()['magnapp_broadcast_latency_seconds']
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
    'magnapp_reconnects_total{sync="full_sync"}': 1,
    'magnapp_reconnects_total{sync="no_sync_needed"}': 1,
    magnapp_actor_failures_total: 1,
    magnapp_actor_restarts_total: 1,
    'magnapp_commands_total{outcome="failed"}': 1,
  })
})

test('Prometheus reads the same figures, and those of the process', async () => {
  await start()
  const ada = await api.create()
  await open(ada)
  await api.command(ada, 'start')
  const series = await scrape()
  for (const [name, value] of Object.entries(counters())) {
    if (!name.startsWith('magnapp_http')) expect([name, series.get(name)]).toEqual([name, value])
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
  expect((await scrape()).get('magnapp_http_requests_total{route="metrics",status="200"}')).toBe(1)
})

test('no label has an id, a name or a path', async () => {
  await start()
  const ada = await api.create('Kryptonfest', 'Zaphodine')
  await open(ada)
  await api.request(`/api/sessions/${ada.sessionId}/nonsense`)
  await api.request(`/${ada.token}`)
  const { text } = await api.request('/metrics')
  const figures = JSON.stringify((await api.request('/api/health/metrics')).body)
  for (const secret of [ada.sessionId, ada.userId, ada.token, 'Kryptonfest', 'Zaphodine', '/api']) {
    expect(text).not.toContain(secret)
    expect(figures).not.toContain(secret)
  }
})

test('METRICS_ENABLED=false: 404', async () => {
  await start({ environment: { METRICS_ENABLED: 'false' } })
  const { status, body } = await api.request('/metrics')
  expect([status, body.error_code]).toEqual([404, 'NOT_FOUND'])
})
