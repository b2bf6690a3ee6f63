import * as z from 'zod'
import { sessionId, timestamp } from './scalars.js'

type HealthViews = ReturnType<typeof makeViews>

let views: HealthViews | null = null

/**
 * The answers of the health endpoints (contract section 5). These schemas validate no input; they are created
 * only when the API's description is read, so that the start does not wait for them.
 */
export function healthViews(): HealthViews {
  views ??= makeViews()
  return views
}

function makeViews() {
  const percent = z.number().min(0).meta({ description: 'percent of the limit, from 0 to 100' })
  const count = z.int().nonnegative()
  const figure = z.number().nullable().meta({ description: 'null without observations' })
  const figures = z.record(z.string(), z.number())
  return {
    status: statusView({ percent, count }),
    checks: everyCheck(z.boolean().meta({ description: 'whether all is well' })),
    metrics: z
      .strictObject({
        counters: figures,
        gauges: figures,
        histograms: z.record(
          z.string(),
          z.strictObject({
            count,
            sum: z.number(),
            avg: figure,
            min: figure,
            max: figure,
            recent: z
              .array(z.strictObject({ value: z.number(), timestamp }))
              .max(10)
              .meta({ description: 'the latest values, oldest first' }),
            p50: figure,
            p95: figure,
            p99: figure,
            buckets: figures,
          }),
        ),
        collection_time: timestamp,
      })
      .meta({
        description:
          'Keyed by name; a metric with labels has one entry per combination, such as `errors_total[error_type=VOTING_ERROR,severity=info]`, and, for counters and histograms, one for the total. Empty with `METRICS_ENABLED=false`.',
      }),
    capacity: z.strictObject({
      active_sessions: count,
      max_sessions: count,
      available_slots: count,
      capacity_utilization: percent,
      at_capacity: z.boolean(),
      near_capacity: z.boolean().meta({ description: 'one free slot or none' }),
      active_session_ids: z.array(sessionId),
      oldest_session_age_minutes: count
        .nullable()
        .meta({ description: 'whole minutes; `null` without a session' }),
    }),
  }
}

interface Units {
  readonly percent: z.ZodNumber
  readonly count: z.ZodInt
}

function statusView({ percent, count }: Units) {
  const bytes = z.number().nonnegative()
  const seconds = z.number().nonnegative()
  const value = z.number().nullable().meta({ description: '`null`: not measured yet' })
  return z.strictObject({
    status: z.enum(['healthy', 'degraded', 'unhealthy', 'draining']),
    timestamp,
    uptime_seconds: seconds,
    system: z.strictObject({
      memory: z.strictObject({
        total_mb: count.meta({ description: "the container's limit, if it has one" }),
        available_mb: count,
        used_percent: percent,
        limits: z.enum(['container', 'host']).meta({ description: 'whose limit this is' }),
      }),
      cpu: z.strictObject({
        usage_percent: percent.meta({
          description: 'in the last health interval; until the first one ends, since the start',
        }),
        count: z.number().positive().meta({ description: "cores, or the container's share of them" }),
      }),
      disk: z
        .strictObject({ total_gb: count, free_gb: count, used_percent: percent })
        .nullable()
        .meta({ description: 'null if it cannot be determined' }),
      process: z.strictObject({ rss_bytes: bytes, heap_used_bytes: bytes, heap_limit_bytes: bytes }),
      event_loop: z.strictObject({
        is_stalled: z.boolean(),
        stalls: count,
        delay_p99_seconds: seconds,
        delay_max_seconds: seconds,
      }),
      node: z.string(),
    }),
    application: z.strictObject({
      metrics_enabled: z.boolean(),
      total_counters: count,
      total_gauges: count,
      total_histograms: count,
      total_alerts: count.meta({ description: 'alerts kept, at most the latest hundred' }),
      version: z.string(),
      active_sessions: count,
      max_sessions: count,
      participants: count,
      open_streams: count,
      recent_requests: count,
      error_rate: z.number(),
      response_time_p95_seconds: seconds,
    }),
    command_log: z
      .strictObject({
        is_durable: z.boolean().meta({ description: 'sessions outlive the process' }),
        is_available: z.boolean().meta({ description: 'commands are executed; otherwise they get 503' }),
        servers: count.meta({ description: 'servers on this log, including this one' }),
        silent_seconds: seconds
          .nullable()
          .meta({ description: 'seconds since it last answered; `null`: the log is in memory' }),
        overdue_seconds: seconds.nullable().meta({
          description: 'how late the most overdue timer is; `null`: as above',
        }),
      })
      .meta({ description: 'where sessions are kept' }),
    health_checks: everyCheck(z.boolean().meta({ description: 'whether all is well' })),
    check_details: everyCheck(
      z.strictObject({
        level: z.enum(['ok', 'warning', 'critical']),
        value,
        warning: z.number(),
        critical: z.number().nullable().meta({ description: '`null`: this check only warns' }),
      }),
    ),
    recent_alerts: z
      .array(
        z.strictObject({
          level: z.enum(['WARNING', 'CRITICAL', 'ERROR', 'RESOLVED']),
          message: z.string(),
          timestamp,
          tags: z.record(z.string(), z.string()),
        }),
      )
      .max(10)
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
