import type { Clock } from '../../machines/ports.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { nextTimer } from '../../machines/session/timers.js'

/** Sessions that are looked at in one turn of the event loop; the others in the next ones. */
const AT_ONCE_MAX = 100
const SECOND_MS = 1_000

type Timed = { readonly snapshot: SessionSnapshot }

/**
 * How late the sessions' timers are. It is read off the sessions themselves and not off the alarms that are to
 * fire them: so an alarm that is lost shows.
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

  /** How long what is due for longest has been due when that was last looked at, in seconds; 0: nothing was. */
  get seconds(): number {
    return this.#latestMs / SECOND_MS
  }

  /** Looks, some sessions a turn. Whoever asks while it looks gets that look. */
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
