export const CHECKS = [
  'memory_usage',
  'cpu_usage',
  'disk_space',
  'metrics_collection',
  'error_rate',
  'response_time',
] as const

/** What is checked (contract section 5). */
export type Check = (typeof CHECKS)[number]

export type Level = 'ok' | 'warning' | 'critical'

/** From which value on a check is what; `critical: null`: it never is. */
export interface Thresholds {
  readonly warning: number
  readonly critical: number | null
}

/**
 * Shares of the limit; the error rate as a share of the requests, the response time's 95th
 * percentile in seconds, and the metrics' age in sampling intervals.
 *
 * A server that is busy, or whose disk fills (it writes nothing but its log), still serves: those
 * two only warn.
 */
export const THRESHOLDS: Readonly<Record<Check, Thresholds>> = {
  memory_usage: { warning: 0.9, critical: 0.95 },
  cpu_usage: { warning: 0.8, critical: null },
  disk_space: { warning: 0.9, critical: null },
  metrics_collection: { warning: 2, critical: 4 },
  error_rate: { warning: 0.05, critical: 0.1 },
  response_time: { warning: 1, critical: 2 },
}

/** A level is left only below this share of the value that it began at, so that it does not flap. */
export const CLEAR_SHARE = 0.9

/**
 * The level that follows from a new value.
 * @param value - `null`: it could not be measured, and the level stays
 */
export function nextLevel(level: Level, value: number | null, { warning, critical }: Thresholds): Level {
  if (value === null) return level
  const held = (threshold: number) => threshold * CLEAR_SHARE
  if (critical !== null && value >= (level === 'critical' ? held(critical) : critical)) return 'critical'
  return value >= (level === 'ok' ? warning : held(warning)) ? 'warning' : 'ok'
}

/** Something for each check. */
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
