import { waitUntil } from '../../support/log-lines.js'
import { describePlan, type PlanRow } from '../../support/plan.js'

const SIX_CHECKS = {
  memory_usage: expect.any(Boolean),
  cpu_usage: expect.any(Boolean),
  disk_space: expect.any(Boolean),
  metrics_collection: true,
  error_rate: true,
  response_time: expect.any(Boolean),
}

const ROWS: readonly PlanRow[] = [
  {
    line: '2393-2395',
    says: '/health says that it is well, and when',
    holds: async ({ api }) => {
      const { status, body } = await api.request('/health')
      expect([status, body]).toMatchObject([200, { status: 'healthy', timestamp: expect.any(String) }])
    },
  },
  {
    line: '511-525, 542-549, 2858-2863',
    says: 'capacity in percent, and the oldest session’s age in whole minutes',
    holds: async ({ api }) => {
      const { sessionId } = await api.create()
      // With several servers, the others hear of a new session a moment later.
      let { body } = await api.request('/api/health/capacity')
      while (!body.active_session_ids.includes(sessionId))
        body = (await api.request('/api/health/capacity')).body
      const active = body.active_session_ids.length
      expect(body).toEqual({
        active_sessions: active,
        max_sessions: 1000,
        available_slots: 1000 - active,
        capacity_utilization: (active / 1000) * 100,
        at_capacity: false,
        near_capacity: false,
        active_session_ids: expect.arrayContaining([sessionId]),
        oldest_session_age_minutes: 0,
      })
    },
  },
  {
    line: '2647-2665, 2683-2715, 2839-2844',
    says: 'the status, with all that the plan has in it',
    holds: async ({ api }) => {
      const { status, body } = await api.request('/api/health/status')
      expect(status).toBe(200)
      expect(body).toMatchObject({
        status: expect.stringMatching(/^(healthy|degraded)$/),
        timestamp: expect.any(String),
        uptime_seconds: expect.any(Number),
        system: {
          memory: {
            total_mb: expect.any(Number),
            available_mb: expect.any(Number),
            used_percent: expect.any(Number),
          },
          cpu: { usage_percent: expect.any(Number), count: expect.any(Number) },
          disk: {
            total_gb: expect.any(Number),
            free_gb: expect.any(Number),
            used_percent: expect.any(Number),
          },
        },
        application: {
          metrics_enabled: true,
          total_counters: expect.any(Number),
          total_gauges: expect.any(Number),
          total_histograms: expect.any(Number),
          total_alerts: expect.any(Number),
        },
        health_checks: SIX_CHECKS,
        recent_alerts: expect.any(Array),
      })
      const { memory, disk } = body.system
      for (const whole of [memory.total_mb, memory.available_mb, disk.total_gb, disk.free_gb])
        expect(Number.isInteger(whole)).toBe(true)
      for (const share of [memory.used_percent, disk.used_percent]) {
        expect(share).toBeGreaterThan(0)
        expect(share).toBeLessThanOrEqual(100)
      }
    },
  },
  {
    line: '2718-2769',
    says: 'the checks fail from the plan’s values on',
    holds: async ({ api }) => {
      const { check_details } = (await api.request('/api/health/status')).body
      const warnings = Object.entries<{ warning: number }>(check_details)
      expect(Object.fromEntries(warnings.map(([check, { warning }]) => [check, warning]))).toMatchObject({
        memory_usage: 0.9,
        cpu_usage: 0.8,
        disk_space: 0.9,
        error_rate: 0.05,
        response_time: 1,
      })
    },
  },
  {
    line: '2667-2681, 2865-2870',
    says: 'the checks, each true or false',
    holds: async ({ api }) => {
      const { status, body } = await api.post('/api/health/checks')
      expect([status, body]).toEqual([200, SIX_CHECKS])
    },
  },
  {
    line: '2596-2643, 2846-2856',
    says: 'the metrics, by the plan’s names and with its tags',
    isOfOneNode: true,
    holds: async ({ api }) => {
      const ada = await api.create()
      const bob = await api.join(ada.sessionId)
      const stream = await api.stream(ada).untilType('session_updated')
      await api.act(ada, 'start')
      await api.act(bob, 'vote', { vote: '8' })
      await api.act(ada, 'reveal')
      await api.act(bob, 'start')
      await api.phone(bob, 'optimize?battery_level=10')
      await api.as(ada, `/api/sessions/${ada.sessionId}`, { method: 'DELETE' })
      stream.close()
      const figures = async () => (await api.request('/api/health/metrics')).body
      const ended = 'api_requests_total[endpoint=/api/sessions/{session_id},method=DELETE,status=200]'
      await waitUntil(async () => (await figures()).counters[ended] === 1)
      const { counters, gauges, histograms } = await figures()
      for (const name of [
        'sessions_created_total',
        'sessions_ended_total',
        'users_joined_total',
        'voting_rounds_total',
        'sse_connections_total',
        'api_requests_total',
        'api_requests_total[endpoint=/api/sessions,method=POST,status=201]',
        'mobile_optimizations_total',
        'mobile_optimizations_total[optimization_type=event_batching]',
        'errors_total',
        'errors_total[error_type=UNAUTHORIZED,severity=warning]',
      ]) {
        expect([name, counters[name] > 0]).toEqual([name, true])
      }
      for (const name of ['sessions_active', 'users_active', 'sse_connections_active'])
        expect([name, typeof gauges[name]]).toEqual([name, 'number'])
      for (const name of [
        'session_duration_minutes',
        'voting_duration_seconds',
        'votes_per_round',
        'api_request_duration_seconds',
      ]) {
        const { count, avg, min, max, recent } = histograms[name]
        expect([name, count > 0]).toEqual([name, true])
        for (const figure of [avg, min, max]) expect(figure).toBeGreaterThanOrEqual(0)
        expect(recent.at(-1)).toEqual({ value: expect.any(Number), timestamp: expect.any(String) })
      }
      expect(histograms.votes_per_round.recent.at(-1).value).toBe(1)
    },
  },
  {
    line: '2803-2808',
    says: 'the figures say when they were collected',
    holds: async ({ api }) => {
      const { body } = await api.request('/api/health/metrics')
      const ageMs = Date.now() - Date.parse(body.collection_time)
      expect(Math.abs(ageMs)).toBeLessThan(10_000)
    },
  },
]

describePlan('health and monitoring', ROWS)

describePlan(
  'health and monitoring, with metrics off',
  [
    {
      line: '2568-2587, 2677, 2820-2823',
      says: 'nothing is collected, and the check says so',
      holds: async ({ api }) => {
        await api.create()
        expect((await api.request('/api/health/metrics')).body).toEqual({
          counters: {},
          gauges: {},
          histograms: {},
          collection_time: expect.any(String),
        })
        expect((await api.post('/api/health/checks')).body.metrics_collection).toBe(false)
        expect((await api.request('/metrics')).status).toBe(404)
      },
    },
  ],
  { METRICS_ENABLED: 'false' },
)
