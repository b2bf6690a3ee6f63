import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

const TICK_MS = 250
/** A loop that has not turned for this long stood still. */
const STALL_MS = 1_000
/** For this long after a stall the server says that it is not ready: there is work piled up. */
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
 * Watches whether the event loop turns. A loop that stands still can say so only afterwards: what it
 * says then holds for {@link RECOVERY_MS}, so that whoever asks now and then learns of it as well.
 *
 * Time here is the process's own, not the domain's: a simulated clock does not make a loop turn.
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
   * @param onStall - called once a stall, when it is over
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

  /** The loop has come round. */
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
   * Whether it stands still or did a moment ago. The first request after a stall is answered before
   * the timers run: that it is late is seen from the last turn.
   */
  get isStalled(): boolean {
    const now = this.#now()
    return now < this.#stalledUntil || (this.#timer !== null && now - this.#turnedAt >= STALL_MS + TICK_MS)
  }

  /** Stalls since the start. */
  get stalls(): number {
    return this.#stalls
  }

  /** How late the loop was since the last call that began a new window. */
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
