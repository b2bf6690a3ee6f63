import type { EpochMs } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'

/** The time sources of a clock. */
export interface TimeSources {
  /** Milliseconds that only move forward, at the machine's pace. */
  monotonic(): number
  /** The time of day, in milliseconds; it jumps when somebody sets it. */
  wall(): EpochMs
}

export interface SteadyClockOptions {
  /** Default: the machine's own. */
  readonly sources?: TimeSources
  /** Whether nothing depends on the time now, so that it may jump. Default: never. */
  readonly mayJump?: () => boolean
}

const MACHINE: TimeSources = { monotonic: () => performance.now(), wall: () => Date.now() }

/** The time between two reads of the time of day, in milliseconds. */
const LOOK_MS = 1_000
/** At most this share of the elapsed time is added or subtracted to approach the time of day. */
const CORRECTION_MAX = 0.01
/** A timer that fires this late was held up: the process stood still. */
const STALL_MS = 250
/** How long such a timer waits until everything that arrived meanwhile has been processed. */
const HEARING_MS = 250

/**
 * One clock for both timestamps and deadlines.
 *
 * It starts at the time of day and advances with the monotonic clock. If the time of day is set forward or
 * back by an hour, no session ends early and no grace period lasts an hour longer. The difference shrinks by
 * {@link CORRECTION_MAX} of the elapsed time, or at once when `mayJump` allows it.
 *
 * After the process stood still (suspended, swapped out, a long computation), its timers would fire before
 * the network's input from that time is processed. So a late timer waits {@link HEARING_MS} once, and nobody
 * is declared gone who has long been back.
 *
 * A timer lasts at most 24 days (2³¹ − 1 ms).
 */
export class SteadyClock implements Clock {
  readonly #sources: TimeSources
  readonly #mayJump: () => boolean
  #time: number
  #lookedAt: number

  constructor({ sources = MACHINE, mayJump = () => false }: SteadyClockOptions = {}) {
    this.#sources = sources
    this.#mayJump = mayJump
    this.#time = sources.wall()
    this.#lookedAt = sources.monotonic()
  }

  now(): EpochMs {
    const passed = this.#sources.monotonic() - this.#lookedAt
    if (passed < LOOK_MS) return Math.floor(this.#time + passed)
    this.#look(passed)
    return Math.floor(this.#time)
  }

  setTimeout(callback: (...args: unknown[]) => void, timeoutMs: number): Timer {
    return new Timer(callback, timeoutMs, this.#sources)
  }

  clearTimeout(id: unknown): void {
    if (id instanceof Timer) id.clear()
  }

  #look(passed: number): void {
    this.#time += passed
    this.#lookedAt += passed
    const difference = this.#sources.wall() - this.#time
    const limit = this.#mayJump() ? Math.abs(difference) : passed * CORRECTION_MAX
    this.#time += Math.max(-limit, Math.min(limit, difference))
  }
}

class Timer {
  #handle: NodeJS.Timeout
  #isHolding = true

  constructor(callback: () => void, timeoutMs: number, { monotonic }: TimeSources) {
    const dueAt = monotonic() + timeoutMs
    this.#handle = setTimeout(() => {
      if (monotonic() - dueAt < STALL_MS) callback()
      else this.#wait(callback)
    }, timeoutMs)
  }

  unref(): void {
    this.#isHolding = false
    this.#handle.unref()
  }

  clear(): void {
    clearTimeout(this.#handle)
  }

  #wait(callback: () => void): void {
    this.#handle = setTimeout(callback, HEARING_MS)
    if (!this.#isHolding) this.#handle.unref()
  }
}

/** Lets the process exit while this timer is running. Timers of a simulated clock do not keep it alive anyway. */
export function unref(id: unknown): void {
  if (id instanceof Timer) id.unref()
}

/** A clock that never jumps. */
export const systemClock: Clock = new SteadyClock()

/** The machine's time of day, for the log, so that its lines match those of other programs. */
export const wallClock: Pick<Clock, 'now'> = { now: () => Date.now() }
