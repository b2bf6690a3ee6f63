import * as z from 'zod'
import { sessionId, timestamp } from './scalars.js'

type HealthViews = ReturnType<typeof makeViews>

let views: HealthViews | null = null

/**
 * What the health endpoints answer (contract section 5). These schemas validate nothing that comes
 * in; they are made when the description of the API is read, so that the start does not wait for it.
 */
export function healthViews(): HealthViews {
  views ??= makeViews()
  return views
}

function makeViews() {
  const share = z.number().meta({ description: 'share of the limit, from 0 to 1' })
  const bytes = z.number().nonnegative()
  const count = z.int().nonnegative()
  const seconds = z.number().nonnegative()
  const figures = z.record(z.string(), z.number())
  return {
    status: statusView({ share, bytes, count, seconds }),
    checks: everyCheck(z.boolean().meta({ description: 'whether all is well' })),
    metrics: z.strictObject({
      counters: figures,
      gauges: figures,
      histograms: z.record(
        z.string(),
        z.strictObject({
          count,
          sum: z.number(),
          p50: z.number().nullable(),
          p95: z.number().nullable(),
          p99: z.number().nullable(),
          buckets: figures,
        }),
      ),
    }),
    capacity: z.strictObject({
      active_sessions: count,
      max_sessions: count,
      available_slots: count,
      capacity_utilization: share,
      at_capacity: z.boolean(),
      near_capacity: z.boolean().meta({ description: 'one free place or none' }),
      active_session_ids: z.array(sessionId),
      oldest_session_age_minutes: z
        .number()
        .nonnegative()
        .nullable()
        .meta({ description: '`null`: there is no session' }),
    }),
  }
}

interface Units {
  readonly share: z.ZodNumber
  readonly bytes: z.ZodNumber
  readonly count: z.ZodInt
  readonly seconds: z.ZodNumber
}

function statusView({ share, bytes, count, seconds }: Units) {
  return z.strictObject({
    status: z.enum(['healthy', 'degraded', 'unhealthy', 'draining']),
    timestamp,
    uptime_seconds: seconds,
    system: z.strictObject({
      limits: z.enum(['container', 'host']).meta({ description: 'whose memory limit this is' }),
      memory: z.strictObject({ used_bytes: bytes, limit_bytes: bytes, usage: share }),
      process: z.strictObject({ rss_bytes: bytes, heap_used_bytes: bytes, heap_limit_bytes: bytes }),
      cpu: z.strictObject({ cores: z.number().positive(), usage: share.nullable() }),
      disk: z.strictObject({ free_bytes: bytes, total_bytes: bytes, usage: share }).nullable(),
      event_loop: z.strictObject({
        is_stalled: z.boolean(),
        stalls: count,
        delay_p99_seconds: seconds,
        delay_max_seconds: seconds,
      }),
      node: z.string(),
    }),
    application: z.strictObject({
      version: z.string(),
      active_sessions: count,
      max_sessions: count,
      participants: count,
      open_streams: count,
      recent_requests: count,
      error_rate: z.number(),
      response_time_p95_seconds: seconds,
    }),
    health_checks: everyCheck(
      z.strictObject({
        status: z.enum(['ok', 'warning', 'critical']),
        value: z.number().nullable().meta({ description: '`null`: not measured yet' }),
        warning: z.number(),
        critical: z.number().nullable().meta({ description: '`null`: this check only warns' }),
      }),
    ),
    recent_alerts: z
      .array(
        z.strictObject({
          timestamp,
          check: z.string(),
          level: z.enum(['warning', 'critical', 'resolved']),
          value: z.number().nullable(),
          message: z.string(),
        }),
      )
      .max(100)
      .meta({ description: 'oldest first' }),
  })
}

function everyCheck<Schema extends z.ZodType>(schema: Schema) {
  return z.strictObject({
    memory_usage: schema,
    cpu_usage: schema,
    disk_space: schema,
    metrics_collection: schema,
    error_rate: schema,
    response_time: schema,
  })
}
