import { quantile } from '../runtime/histogram.js'
import type { Telemetry } from '../runtime/telemetry.js'

/** Fewer requests than this in a window say nothing about errors or speed. */
const REQUESTS_MIN = 20
const SLOW_SHARE = 0.95
const SERVER_ERROR = 500
/** Draining, or a network partition: a deliberate answer. */
const UNAVAILABLE = 503

/** The request totals at one time; two of them make a window. */
export interface RequestTotals {
  readonly requests: number
  readonly faults: number
  readonly bounds: readonly number[]
  /** The histogram of all durations. */
  readonly durations: readonly number[]
}

/** The requests within a window. */
export interface RequestWindow {
  readonly requests: number
  /** The share that failed because of a server fault. */
  readonly errorRate: number
  /** 95th percentile in seconds. */
  readonly responseTime: number
}

/** Sums up all endpoints. */
export function requestTotals({ requests }: Telemetry): RequestTotals {
  let [count, faults] = [0, 0]
  let bounds: readonly number[] = []
  let durations: number[] = []
  for (const endpoint of requests) {
    for (const [status, times] of endpoint.byStatus) {
      count += times
      if (status !== 'aborted' && status >= SERVER_ERROR && status !== UNAVAILABLE) faults += times
    }
    if (endpoint.durations === null) continue
    bounds = endpoint.durations.bounds
    durations = endpoint.durations.cumulative().map((value, bucket) => value + (durations[bucket] ?? 0))
  }
  return { requests: count, faults, bounds, durations }
}

/** The difference between two totals; with too few requests nothing counts as wrong. */
export function requestWindow(before: RequestTotals | null, after: RequestTotals): RequestWindow {
  const requests = after.requests - (before?.requests ?? 0)
  if (requests < REQUESTS_MIN) return { requests, errorRate: 0, responseTime: 0 }
  const durations = after.durations.map((value, bucket) => value - (before?.durations[bucket] ?? 0))
  return {
    requests,
    errorRate: (after.faults - (before?.faults ?? 0)) / requests,
    responseTime: quantile(after.bounds, durations, SLOW_SHARE) ?? 0,
  }
}
