import type { EpochMs } from '../../machines/ids.js'
import type { Check, Level } from './levels.js'

/** A check that changed its level, or the event loop that stood still. */
export interface Alert {
  readonly at: EpochMs
  readonly check: Check | 'event_loop'
  readonly level: Exclude<Level, 'ok'> | 'resolved'
  readonly value: number | null
  readonly message: string
}

const ALERTS_MAX = 100

/** The newest alerts. */
export class Alerts {
  readonly #alerts: Alert[] = []

  add(alert: Alert): void {
    this.#alerts.push(alert)
    if (this.#alerts.length > ALERTS_MAX) this.#alerts.shift()
  }

  /** Oldest first, at most 100. */
  get recent(): readonly Alert[] {
    return this.#alerts
  }
}
