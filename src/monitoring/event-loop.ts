import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

const TICK_MS = 250
/** A loop without a turn for this long counts as stalled. */
const STALL_MS = 1_000
/** For this long after a stall the server is not ready: work has piled up. */
const RECOVERY_MS = 3_000
const RESOLUTION_MS = 20
const NS_PER_SECOND = 1e9

/** How late the loop was, in seconds. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/**
 * Detects stalls of the event loop. A stalled loop can report the stall only afterwards, so the report stands
 * for {@link RECOVERY_MS}, and occasional probes learn of it as well.
 *
 * It uses the process's own time, not the domain's: a simulated clock does not make a loop turn.
 */
export class EventLoop {
  readonly #now: () => number
  readonly #onStall: (stalledMs: number) => void
  #delays: IntervalHistogram | null = null
  #timer: NodeJS.Timeout | null = null
  #turnedAt: number
  #stalledUntil = Number.NEGATIVE_INFINITY
  #stalls = 0

  /**
   * @param now - monotonic, in milliseconds
   * @param onStall - called once per stall, when it is over
   */
  constructor(now: () => number, onStall: (stalledMs: number) => void) {
    this.#now = now
    this.#onStall = onStall
    this.#turnedAt = now()
  }

  start(): void {
    this.#turnedAt = this.#now()
    this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    this.#delays.enable()
    this.#timer = setInterval(() => this.turned(), TICK_MS).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#delays?.disable()
  }

  /** Records a turn of the loop. */
  turned(): void {
    const now = this.#now()
    const stalledMs = now - this.#turnedAt - TICK_MS
    this.#turnedAt = now
    if (stalledMs < STALL_MS) return
    this.#stalls += 1
    this.#stalledUntil = now + RECOVERY_MS
    this.#onStall(Math.round(stalledMs))
  }

  /**
   * Whether it is stalled or was a moment ago. The first request after a stall is handled before the timers
   * run, so the time since the last turn is checked.
   */
  get isStalled(): boolean {
    const now = this.#now()
    return now < this.#stalledUntil || (this.#timer !== null && now - this.#turnedAt >= STALL_MS + TICK_MS)
  }

  /** Stalls since the start. */
  get stalls(): number {
    return this.#stalls
  }

  /** The delay of the loop since the last call that began a new window. */
  delay(isNewWindow: boolean): LoopDelay {
    const delays = this.#delays
    if (delays === null || delays.count === 0) return { p50: 0, p99: 0, max: 0 }
    const seconds = (ns: number) => Math.max(0, ns / NS_PER_SECOND - RESOLUTION_MS / 1_000)
    const delay = {
      p50: seconds(delays.percentile(50)),
      p99: seconds(delays.percentile(99)),
      max: seconds(delays.max),
    }
    if (isNewWindow) delays.reset()
    return delay
  }
}
