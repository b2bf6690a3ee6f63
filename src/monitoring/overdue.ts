import type { Clock } from '../../machines/ports.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { nextTimer } from '../../machines/session/timers.js'

/** Sessions checked in one turn of the event loop; the others follow in the next turns. */
const AT_ONCE_MAX = 100
const SECOND_MS = 1_000

type Timed = { readonly snapshot: SessionSnapshot }

/**
 * How late the sessions' timers are. It is read from the sessions themselves and not from the alarms that
 * should fire them, so that a lost alarm shows.
 */
export class Overdue {
  readonly #sessions: () => Iterable<Timed>
  readonly #clock: Pick<Clock, 'now'>
  #latestMs = 0
  #running: Promise<void> | null = null

  constructor(sessions: () => Iterable<Timed>, clock: Pick<Clock, 'now'>) {
    this.#sessions = sessions
    this.#clock = clock
  }

  /** How late the most overdue timer was at the last check, in seconds; 0: none was late. */
  get seconds(): number {
    return this.#latestMs / SECOND_MS
  }

  /** Checks all sessions, a part per turn. Callers during a check share it. */
  look(): Promise<void> {
    this.#running ??= this.#look().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #look(): Promise<void> {
    const sessions = [...this.#sessions()]
    let longestMs = 0
    for (let begin = 0; begin < sessions.length; begin += AT_ONCE_MAX) {
      if (begin > 0) await new Promise((resolve) => setImmediate(resolve))
      for (const { snapshot } of sessions.slice(begin, begin + AT_ONCE_MAX)) {
        const dueAt = nextTimer(snapshot)?.dueAt
        if (dueAt !== undefined) longestMs = Math.max(longestMs, this.#clock.now() - dueAt)
      }
    }
    this.#latestMs = longestMs
  }
}
