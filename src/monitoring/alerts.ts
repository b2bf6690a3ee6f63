import type { EpochMs } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'

export type AlertLevel = 'WARNING' | 'CRITICAL' | 'ERROR' | 'RESOLVED'

/** Something that the operator should know about. It names no session and no person: anybody may read it. */
export interface Alert {
  readonly at: EpochMs
  readonly level: AlertLevel
  readonly message: string
  readonly tags: Readonly<Record<string, string>>
}

const ALERTS_MAX = 100

/** The latest alerts. */
export class Alerts {
  readonly #clock: Pick<Clock, 'now'>
  readonly #alerts: Alert[] = []

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  add(level: AlertLevel, message: string, tags: Alert['tags'] = {}): void {
    this.#alerts.push({ at: this.#clock.now(), level, message, tags })
    if (this.#alerts.length > ALERTS_MAX) this.#alerts.shift()
  }

  /** Oldest first, at most 100. */
  get recent(): readonly Alert[] {
    return this.#alerts
  }
}
