import type { EpochMs } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'

/** Where a clock looks. */
export interface TimeSources {
  /** Milliseconds that only go forward, at the machine's pace. */
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

/** Between two looks at the time of day, in milliseconds. */
const LOOK_MS = 1_000
/** Of the time that passes, at most this part is added or taken to come nearer to the time of day. */
const CORRECTION_MAX = 0.01
/** A timer that comes this much too late was held up: the process stood still. */
const STALL_MS = 250
/** How long such a timer waits for what came in meanwhile to be heard. */
const HEARING_MS = 250

/**
 * The time of day for timestamps, and a steady measure for deadlines, in one.
 *
 * It starts as the time of day and goes on at the pace of the monotonic clock. Set the time of day
 * forward or back by an hour: no session ends early and no grace period lasts an hour longer. The
 * difference shrinks by {@link CORRECTION_MAX} of the time that passes, and at once when `mayJump`.
 *
 * After the process stood still (stopped, swapped out, a long computation) its timers come before
 * what the network has brought meanwhile. A timer that is late therefore waits {@link HEARING_MS}
 * once, so that nobody is declared gone who has long been back.
 *
 * A timer reaches 24 days at most (2³¹ − 1 ms).
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

/** Lets the process end although this timer runs. A simulated clock's timers hold nothing. */
export function unref(id: unknown): void {
  if (id instanceof Timer) id.unref()
}

/** A clock that never jumps. */
export const systemClock: Clock = new SteadyClock()

/** The time of day as the machine has it, for the log: so that its lines fit those of others. */
export const wallClock: Pick<Clock, 'now'> = { now: () => Date.now() }
