import type { Clock } from '../../machines/ports.js'
import { unref } from '../platform/clock.js'
import type { Logger } from '../platform/logger.js'
import type { Telemetry } from '../runtime/telemetry.js'
import type { AlertLevel, Alerts } from './alerts.js'
import type { EventLoop, LoopDelay } from './event-loop.js'
import { CHECKS, type Check, everyCheck, type Level, nextLevel, THRESHOLDS } from './levels.js'
import { measureResources, type Resources } from './resources.js'
import { type RequestTotals, type RequestWindow, requestTotals, requestWindow } from './window.js'

/** What one measurement found. */
export interface Reading {
  readonly resources: Resources
  /** Share of the cores' time since the measurement before; `null`: this is the first. */
  readonly cpuUsage: number | null
  /** The same since the process began. */
  readonly cpuUsageSinceStart: number
  readonly loopDelay: LoopDelay
  readonly window: RequestWindow
  /** What each check is judged by (see {@link THRESHOLDS}). */
  readonly values: Readonly<Record<Check, number | null>>
}

export interface HealthOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry: Telemetry
  readonly alerts: Pick<Alerts, 'add'>
  readonly eventLoop: EventLoop
  /** Between two background measurements, in milliseconds. */
  readonly intervalMs: number
  readonly measure?: () => Promise<Resources>
}

/** Where a window begins. */
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

/** A measurement this young is not repeated for whoever asks again. */
const FRESH_MS = 1_000

/** Measures the process now and then, judges what it finds and remembers what was wrong. */
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

  /** Measures now, and from now on after each interval. */
  start(): void {
    const { clock, logger, intervalMs } = this.#options
    // What cannot be measured now, as when no file can be opened, can be the next time.
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

  /** The newest measurement, or the first, which then is under way. */
  async latest(): Promise<Reading> {
    return this.#latest?.reading ?? this.#measureOnce(false)
  }

  /** What was last measured, if anything was. */
  get known(): Reading | null {
    return this.#latest?.reading ?? null
  }

  /**
   * Measures now; a measurement less than a second old counts as now.
   * @returns for each check whether all is well
   */
  async check(): Promise<Readonly<Record<Check, boolean>>> {
    const { telemetry } = this.#options
    if (this.#latest === null || telemetry.now() - this.#latest.at >= FRESH_MS) await this.#measureOnce(false)
    return this.checks
  }

  /** For each check whether all was well when it was last measured; metrics that are off are not collected. */
  get checks(): Readonly<Record<Check, boolean>> {
    const { isCollecting } = this.#options.telemetry
    return everyCheck(
      (check) => this.#levels[check] === 'ok' && (check !== 'metrics_collection' || isCollecting),
    )
  }

  /** Whoever asks while a measurement runs gets that one. */
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
