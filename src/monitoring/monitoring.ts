import type { Clock } from '../../machines/ports.js'
import { unref } from '../platform/clock.js'
import type { Logger } from '../platform/logger.js'
import type { Supervisor } from '../runtime/supervisor.js'
import type { Telemetry } from '../runtime/telemetry.js'
import type { Alerts } from './alerts.js'
import { EventLoop } from './event-loop.js'
import type { Instruments, LogOptions } from './instruments.js'

export interface MonitoringOptions extends LogOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry: Telemetry
  readonly alerts: Alerts
  readonly supervisor: Supervisor
  readonly streams: { readonly count: number }
  readonly streamsMax: number
  /** The time between two background measurements, in milliseconds. */
  readonly intervalMs: number
}

/**
 * The server's monitoring. Only the event loop is watched from the start: the rest is loaded on demand or
 * after the first interval, so that the first answer need not wait.
 */
export class Monitoring {
  readonly #options: MonitoringOptions
  readonly #eventLoop: EventLoop
  #instruments: Promise<Instruments> | null = null
  #timer: unknown = null
  #hasStopped = false

  constructor(options: MonitoringOptions) {
    this.#options = options
    this.#eventLoop = new EventLoop(options.telemetry.now, (stalledMs) => this.#reportStall(stalledMs))
  }

  start(): void {
    const { clock, intervalMs } = this.#options
    this.#eventLoop.start()
    this.#timer = clock.setTimeout(() => this.#inBackground(() => {}), intervalMs)
    unref(this.#timer)
  }

  stop(): void {
    this.#hasStopped = true
    this.#eventLoop.stop()
    this.#options.clock.clearTimeout(this.#timer)
    if (this.#instruments !== null) this.#inBackground(({ health }) => health.stop())
  }

  /** Whether new requests are welcome: not while the server drains, nor just after a stall of the event loop. */
  get isReady(): boolean {
    return !this.#options.supervisor.isDraining && !this.#eventLoop.isStalled
  }

  get eventLoop(): EventLoop {
    return this.#eventLoop
  }

  /** The measuring instruments. */
  instruments(): Promise<Instruments> {
    this.#instruments ??= this.#load()
    return this.#instruments
  }

  async #load(): Promise<Instruments> {
    const { createInstruments } = await import('./instruments.js')
    const isReady = () => this.isReady
    const instruments = createInstruments({ ...this.#options, eventLoop: this.#eventLoop, isReady })
    if (this.#hasStopped) instruments.health.stop()
    return instruments
  }

  #reportStall(stalledMs: number): void {
    const { alerts, logger } = this.#options
    logger.warn({ stalled_ms: stalledMs }, 'event loop stalled')
    alerts.add('WARNING', `the event loop stood still for ${stalledMs} ms`, {
      check: 'event_loop',
      value: (stalledMs / 1_000).toFixed(3),
    })
  }

  /** The server keeps running when its instruments fail. */
  #inBackground(work: (instruments: Instruments) => void): void {
    this.instruments()
      .then(work)
      .catch((error: unknown) => this.#options.logger.error({ err: error }, 'monitoring failed'))
  }
}
