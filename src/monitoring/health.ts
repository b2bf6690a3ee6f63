import type { Clock } from '../../machines/ports.js'
import { unref } from '../platform/clock.js'
import type { Logger } from '../platform/logger.js'
import type { Telemetry } from '../runtime/telemetry.js'
import type { AlertLevel, Alerts } from './alerts.js'
import type { EventLoop, LoopDelay } from './event-loop.js'
import { CHECKS, type Check, everyCheck, type Level, nextLevel, THRESHOLDS } from './levels.js'
import { measureResources, type Resources } from './resources.js'
import { type RequestTotals, type RequestWindow, requestTotals, requestWindow } from './window.js'

/** The result of one measurement. */
export interface Reading {
  readonly resources: Resources
  /** Share of the cores' time since the previous measurement; `null`: this is the first. */
  readonly cpuUsage: number | null
  /** The same since the process began. */
  readonly cpuUsageSinceStart: number
  readonly loopDelay: LoopDelay
  readonly window: RequestWindow
  /** The value of each check (see {@link THRESHOLDS}). */
  readonly values: Readonly<Record<Check, number | null>>
}

export interface HealthOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry: Telemetry
  readonly alerts: Pick<Alerts, 'add'>
  readonly eventLoop: EventLoop
  /** The time between two background measurements, in milliseconds. */
  readonly intervalMs: number
  readonly measure?: () => Promise<Resources>
}

/** The start of a window. */
interface Baseline {
  readonly at: number
  readonly cpuUsedSeconds: number
  readonly totals: RequestTotals
}

const ALERT_LEVELS: Readonly<Record<Level, AlertLevel>> = {
  ok: 'RESOLVED',
  warning: 'WARNING',
  critical: 'CRITICAL',
}

/** A measurement this recent is not repeated. */
const FRESH_MS = 1_000

/** Measures the process regularly, evaluates the checks and remembers their levels. */
export class Health {
  readonly #options: HealthOptions
  readonly #startedAt: number
  #levels = everyCheck<Level>(() => 'ok')
  #baseline: Baseline | null = null
  #latest: { readonly at: number; readonly reading: Reading } | null = null
  #running: Promise<Reading> | null = null
  #timer: unknown = null

  constructor(options: HealthOptions) {
    this.#options = options
    this.#startedAt = options.telemetry.now()
  }

  /** Measures now, and then after each interval. */
  start(): void {
    const { clock, logger, intervalMs } = this.#options
    // A failed measurement, as when no file can be opened, may succeed the next time.
    this.#measureOnce(true).catch((error: unknown) => logger.error({ err: error }, 'monitoring failed'))
    this.#timer = clock.setTimeout(() => this.start(), intervalMs)
    unref(this.#timer)
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  get levels(): Readonly<Record<Check, Level>> {
    return this.#levels
  }

  /** The latest measurement, or the first if it is still under way. */
  async latest(): Promise<Reading> {
    return this.#latest?.reading ?? this.#measureOnce(false)
  }

  /** The latest measurement, if there is one. */
  get known(): Reading | null {
    return this.#latest?.reading ?? null
  }

  /**
   * Measures now, or uses a measurement less than a second old.
   * @returns whether each check passes
   */
  async check(): Promise<Readonly<Record<Check, boolean>>> {
    const { telemetry } = this.#options
    if (this.#latest === null || telemetry.now() - this.#latest.at >= FRESH_MS) await this.#measureOnce(false)
    return this.checks
  }

  /** Whether each check passed at the latest measurement; disabled metrics count as not collected. */
  get checks(): Readonly<Record<Check, boolean>> {
    const { isCollecting } = this.#options.telemetry
    return everyCheck(
      (check) => this.#levels[check] === 'ok' && (check !== 'metrics_collection' || isCollecting),
    )
  }

  /** Callers during a measurement share it. */
  #measureOnce(isBackground: boolean): Promise<Reading> {
    this.#running ??= this.#measure(isBackground).finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #measure(isBackground: boolean): Promise<Reading> {
    const { telemetry, eventLoop, intervalMs, measure = measureResources } = this.#options
    const resources = await measure()
    const at = telemetry.now()
    const totals = requestTotals(telemetry)
    const { cpuUsedSeconds, cpuLimit } = resources
    const sinceMs = at - (this.#baseline?.at ?? at)
    const cpuUsage =
      this.#baseline === null || sinceMs === 0
        ? null
        : (cpuUsedSeconds - this.#baseline.cpuUsedSeconds) / (sinceMs / 1_000) / cpuLimit
    const window = requestWindow(this.#baseline?.totals ?? null, totals)
    const ageMs = at - (this.#baseline?.at ?? this.#startedAt)
    const values = {
      memory_usage: resources.memoryUsedBytes / resources.memoryLimitBytes,
      cpu_usage: cpuUsage,
      disk_space: resources.disk === null ? null : 1 - resources.disk.freeBytes / resources.disk.totalBytes,
      metrics_collection: ageMs / intervalMs,
      error_rate: window.errorRate,
      response_time: window.responseTime,
    }
    const cpuUsageSinceStart = resources.ownCpuSeconds / process.uptime() / cpuLimit
    const reading = {
      resources,
      cpuUsage,
      cpuUsageSinceStart,
      loopDelay: eventLoop.delay(isBackground),
      window,
      values,
    }
    this.#latest = { at, reading }
    if (isBackground || this.#baseline === null) this.#baseline = { at, cpuUsedSeconds, totals }
    this.#judge(values)
    return reading
  }

  #judge(values: Reading['values']): void {
    const before = this.#levels
    this.#levels = everyCheck((check) => nextLevel(before[check], values[check], THRESHOLDS[check]))
    for (const check of CHECKS) {
      const level = this.#levels[check]
      if (level !== before[check]) this.#report(check, level, values[check])
    }
  }

  #report(check: Check, level: Level, value: number | null): void {
    const { alerts, logger } = this.#options
    const { warning, critical } = THRESHOLDS[check]
    const threshold = level === 'critical' ? critical : warning
    const fields = { check, severity: level, value, threshold }
    if (level === 'ok') logger.info(fields, 'health check recovered')
    else logger[level === 'critical' ? 'error' : 'warn'](fields, 'health check failed')
    const shown = value === null ? 'unknown' : value.toFixed(3)
    const message = `${check} is ${shown}, ${level === 'ok' ? 'well below' : 'at or above'} ${threshold}`
    alerts.add(ALERT_LEVELS[level], message, { check, value: shown })
  }
}
