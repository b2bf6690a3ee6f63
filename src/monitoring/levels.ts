export const CHECKS = [
  'memory_usage',
  'cpu_usage',
  'disk_space',
  'metrics_collection',
  'error_rate',
  'response_time',
] as const

/** A health check (contract section 5). */
export type Check = (typeof CHECKS)[number]

export type Level = 'ok' | 'warning' | 'critical'

/** The values at which a check reaches each level; `critical: null`: it never does. */
export interface Thresholds {
  readonly warning: number
  readonly critical: number | null
}

/**
 * Shares of the limit; the error rate is a share of the requests, the response time a 95th percentile in
 * seconds, and the metrics' age is in sampling intervals.
 *
 * A server that is busy, or whose disk fills up (it writes nothing but its log), still works: those two only
 * warn.
 */
export const THRESHOLDS: Readonly<Record<Check, Thresholds>> = {
  memory_usage: { warning: 0.9, critical: 0.95 },
  cpu_usage: { warning: 0.8, critical: null },
  disk_space: { warning: 0.9, critical: null },
  metrics_collection: { warning: 2, critical: 4 },
  error_rate: { warning: 0.05, critical: 0.1 },
  response_time: { warning: 1, critical: 2 },
}

/** A level is left only below this share of its threshold, so that it does not flap. */
export const CLEAR_SHARE = 0.9

/**
 * The level after a new value.
 * @param value - `null`: it could not be measured, and the level stays
 */
export function nextLevel(level: Level, value: number | null, { warning, critical }: Thresholds): Level {
  if (value === null) return level
  const held = (threshold: number) => threshold * CLEAR_SHARE
  if (critical !== null && value >= (level === 'critical' ? held(critical) : critical)) return 'critical'
  return value >= (level === 'ok' ? warning : held(warning)) ? 'warning' : 'ok'
}

/** Builds a record with a value for each check. */
export function everyCheck<Value>(of: (check: Check) => Value): Record<Check, Value> {
  return {
    memory_usage: of('memory_usage'),
    cpu_usage: of('cpu_usage'),
    disk_space: of('disk_space'),
    metrics_collection: of('metrics_collection'),
    error_rate: of('error_rate'),
    response_time: of('response_time'),
  }
}
