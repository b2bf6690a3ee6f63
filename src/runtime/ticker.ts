import type { EpochMs } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { nextTimer } from '../../machines/session/timers.js'
import { Alarm } from './alarm.js'
import type { CommandLog } from './command-log.js'
import type { Outcome } from './outcome.js'
import type { Readers } from './readers.js'

/** How long until the next look while the log is away, in milliseconds. */
const AWAY_MS = 1_000
/** Only one of several processes should propose a tick; the others wait up to this much longer, in ms. */
const TURN_MS = 40
/** How long what fell due while no tick was possible waits for people to come back, in milliseconds. */
const RETURN_MS = 6_000

/** The session as far as its timers are concerned. */
export interface TickedSession {
  readonly snapshot: SessionSnapshot
  propose(command: SessionCommand, settled: (outcome: Outcome) => void): void
  /** The log can now be told what it could not be told before. */
  mend(): void
  /** {@link Ticker.lookLater}, unless the session is over. */
  mendLater(): void
  /** Those who read here, and would notice a delay. */
  readonly readers: Pick<Readers, 'count'>
}

export interface TickerOptions {
  readonly clock: Clock
  readonly commandLog: Pick<CommandLog, 'isAvailable' | 'nodes'>
}

/** Fires a session's timers: one alarm for the earliest of them, which proposes a tick. */
export class Ticker {
  readonly #session: TickedSession
  readonly #options: TickerOptions
  readonly #alarm: Alarm
  #isTicking = false
  /** The log was away when it should have been told something. */
  #hasMissed = false
  #held: { readonly dueBefore: EpochMs; readonly until: EpochMs } = { dueBefore: 0, until: 0 }

  constructor(session: TickedSession, options: TickerOptions) {
    this.#session = session
    this.#options = options
    this.#alarm = new Alarm(options.clock, () => this.#wake())
  }

  /**
   * Waits for what is due next.
   * @param tickedAt - the time of a tick just carried out; if the log's clock is behind, that tick fired less
   * than expected, and the rest waits until the log's clock gets there
   */
  set(tickedAt: EpochMs | null = null): void {
    const dueAt = this.#nextDue()
    const isBehind = dueAt !== null && tickedAt !== null && dueAt <= this.#options.clock.now()
    this.#alarm.set(
      isBehind
        ? this.#options.clock.now() + Math.max(1, dueAt - tickedAt)
        : dueAt === null
          ? null
          : dueAt + this.#turnMs(),
    )
  }

  /** A process with readers goes first. */
  #turnMs(): number {
    if (this.#options.commandLog.nodes.size === 1) return 0
    return Math.floor((Math.random() + (this.#session.readers.count > 0 ? 0 : 1)) * (TURN_MS / 2))
  }

  stop(): void {
    this.#alarm.stop()
  }

  /** What is due now or within {@link RETURN_MS} waits that long, to hear those on the way back first. */
  holdAtStart(): void {
    const until = this.#options.clock.now() + RETURN_MS
    this.#held = { dueBefore: until, until }
  }

  /** What is due now waits for {@link RETURN_MS}. */
  #hold(): void {
    const now = this.#options.clock.now()
    this.#held = { dueBefore: now, until: now + RETURN_MS }
  }

  /** The log could not be told something: tries again when the log is back. */
  lookLater(): void {
    this.#hasMissed = true
    this.#alarm.set(this.#options.clock.now() + AWAY_MS)
  }

  /** The alarm may have rung early, since it is not reset for every command. */
  #wake(): void {
    if (!this.#options.commandLog.isAvailable) {
      this.lookLater()
      return
    }
    if (this.#hasMissed) {
      this.#hasMissed = false
      this.#hold()
      this.#session.mend()
    }
    this.#look()
  }

  #look(): void {
    const at = this.#options.clock.now()
    const dueAt = this.#nextDue()
    if (dueAt === null || dueAt > at) this.#alarm.set(dueAt)
    else if (dueAt <= this.#held.dueBefore && at < this.#held.until) this.#alarm.set(this.#held.until)
    else this.#tick(at)
  }

  /** Proposes to fire what is due, unless that is already under way. */
  #tick(at: EpochMs): void {
    if (this.#isTicking) return
    this.#isTicking = true
    this.#session.propose({ type: 'tick', at, upTo: at }, ({ type }) => {
      this.#isTicking = false
      if (type === 'unavailable') this.#session.mendLater()
    })
  }

  #nextDue(): EpochMs | null {
    return nextTimer(this.#session.snapshot)?.dueAt ?? null
  }
}
