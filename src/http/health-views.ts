import type { Health, Reading } from '../monitoring/health.js'
import type { Instruments } from '../monitoring/instruments.js'
import { everyCheck, THRESHOLDS } from '../monitoring/levels.js'
import { VERSION } from '../platform/version.js'
import { iso } from '../wire/project.js'
import type { RouteOutput } from './route.js'
import type { Services } from './services.js'

type StatusView = RouteOutput<'healthStatus'>

const MIB = 2 ** 20
const GIB = 2 ** 30
const ALERTS_SHOWN = 10

/** The server's health (contract section 5). */
export function healthStatus(
  services: Services,
  instruments: Pick<Instruments, 'health' | 'figures' | 'log'>,
  reading: Reading,
): StatusView {
  const { health } = instruments
  return {
    status: overall(services, health),
    timestamp: iso(services.clock.now()),
    uptime_seconds: Math.round(process.uptime() * 1_000) / 1_000,
    system: system(services, reading),
    application: application(services, instruments, reading),
    command_log: commandLog(services, instruments),
    health_checks: health.checks,
    check_details: everyCheck((check) => ({
      level: health.levels[check],
      value: reading.values[check],
      ...THRESHOLDS[check],
    })),
    recent_alerts: services.alerts.recent
      .slice(-ALERTS_SHOWN)
      .map(({ at, level, message, tags }) => ({ level, message, timestamp: iso(at), tags })),
  }
}

/** Disabled metrics are not a fault. */
function overall({ supervisor, monitoring, commandLog }: Services, health: Health): StatusView['status'] {
  if (supervisor.isDraining) return 'draining'
  const levels = Object.values(health.levels)
  if (levels.includes('critical') || monitoring.eventLoop.isStalled) return 'unhealthy'
  return levels.includes('warning') || !commandLog.isAvailable ? 'degraded' : 'healthy'
}

function system({ monitoring: { eventLoop } }: Services, reading: Reading): StatusView['system'] {
  const { resources, cpuUsage, loopDelay } = reading
  const { memoryUsedBytes, memoryLimitBytes, disk } = resources
  return {
    memory: {
      total_mb: Math.floor(memoryLimitBytes / MIB),
      available_mb: Math.max(0, Math.floor((memoryLimitBytes - memoryUsedBytes) / MIB)),
      used_percent: percent(memoryUsedBytes / memoryLimitBytes),
      limits: resources.source,
    },
    cpu: { usage_percent: percent(cpuUsage ?? reading.cpuUsageSinceStart), count: resources.cpuLimit },
    disk:
      disk === null
        ? null
        : {
            total_gb: Math.floor(disk.totalBytes / GIB),
            free_gb: Math.floor(disk.freeBytes / GIB),
            used_percent: percent(1 - disk.freeBytes / disk.totalBytes),
          },
    process: {
      rss_bytes: resources.rssBytes,
      heap_used_bytes: resources.heapUsedBytes,
      heap_limit_bytes: resources.heapLimitBytes,
    },
    event_loop: {
      is_stalled: eventLoop.isStalled,
      stalls: eventLoop.stalls,
      delay_p99_seconds: loopDelay.p99,
      delay_max_seconds: loopDelay.max,
    },
    node: process.version,
  }
}

function application(
  services: Services,
  { figures }: Pick<Instruments, 'figures'>,
  { window }: Reading,
): StatusView['application'] {
  const { supervisor, streams, telemetry, alerts } = services
  const { active, max } = supervisor.capacity
  const { counters, gauges, histograms } = figures()
  let participants = 0
  for (const host of supervisor.sessions()) participants += host.snapshot.context.participants.length
  return {
    metrics_enabled: telemetry.isCollecting,
    total_counters: Object.keys(counters).length,
    total_gauges: Object.keys(gauges).length,
    total_histograms: Object.keys(histograms).length,
    total_alerts: alerts.recent.length,
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

function commandLog(
  { commandLog: { isDurable, isAvailable, nodes } }: Services,
  { log }: Pick<Instruments, 'log'>,
): StatusView['command_log'] {
  return {
    is_durable: isDurable,
    is_available: isAvailable,
    servers: nodes.size,
    silent_seconds: log?.figures.silentSeconds ?? null,
    overdue_seconds: log?.overdue.seconds ?? null,
  }
}

/** Rounded to a tenth. */
function percent(share: number): number {
  return Math.round(share * 1_000) / 10
}
