import type { Health, Reading } from '../monitoring/health.js'
import { everyCheck, THRESHOLDS } from '../monitoring/levels.js'
import { VERSION } from '../platform/version.js'
import { iso } from '../wire/project.js'
import type { RouteOutput } from './route.js'
import type { Services } from './services.js'

type StatusView = NonNullable<RouteOutput<'healthStatus'>>

/** How the server is (contract section 5). */
export function healthStatus(services: Services, health: Health, reading: Reading): StatusView {
  const { clock } = services
  return {
    status: overall(services, health),
    timestamp: iso(clock.now()),
    uptime_seconds: Math.round(process.uptime() * 1_000) / 1_000,
    system: system(services, reading),
    application: application(services, reading),
    health_checks: everyCheck((check) => ({
      status: health.levels[check],
      value: reading.values[check],
      ...THRESHOLDS[check],
    })),
    recent_alerts: health.alerts.recent.map(({ at, check, level, value, message }) => ({
      timestamp: iso(at),
      check,
      level,
      value,
      message,
    })),
  }
}

function overall({ supervisor, monitoring }: Services, health: Health): StatusView['status'] {
  if (supervisor.isDraining) return 'draining'
  const levels = Object.values(health.levels)
  if (levels.includes('critical') || monitoring.eventLoop.isStalled) return 'unhealthy'
  return levels.includes('warning') ? 'degraded' : 'healthy'
}

function system({ monitoring: { eventLoop } }: Services, reading: Reading): StatusView['system'] {
  const { resources, cpuUsage, loopDelay, values } = reading
  const { disk } = resources
  return {
    limits: resources.source,
    memory: {
      used_bytes: resources.memoryUsedBytes,
      limit_bytes: resources.memoryLimitBytes,
      usage: values.memory_usage ?? 0,
    },
    process: {
      rss_bytes: resources.rssBytes,
      heap_used_bytes: resources.heapUsedBytes,
      heap_limit_bytes: resources.heapLimitBytes,
    },
    cpu: { cores: resources.cpuLimit, usage: cpuUsage },
    disk:
      disk === null
        ? null
        : { free_bytes: disk.freeBytes, total_bytes: disk.totalBytes, usage: values.disk_space ?? 0 },
    event_loop: {
      is_stalled: eventLoop.isStalled,
      stalls: eventLoop.stalls,
      delay_p99_seconds: loopDelay.p99,
      delay_max_seconds: loopDelay.max,
    },
    node: process.version,
  }
}

function application(services: Services, { window }: Reading): StatusView['application'] {
  const { supervisor, streams } = services
  const { active, max } = supervisor.capacity
  let participants = 0
  for (const host of supervisor.sessions()) participants += host.snapshot.context.participants.length
  return {
    version: VERSION,
    active_sessions: active,
    max_sessions: max,
    participants,
    open_streams: streams.count,
    recent_requests: window.requests,
    error_rate: window.errorRate,
    response_time_p95_seconds: window.responseTime,
  }
}
