import { follow } from './feed.js'
import type { FeedOptions } from './feed-state.js'
import { pause } from './pause.js'
import type { Line, TabMessage } from './tab-messages.js'
import type { Lead, Tabs } from './tabs.js'

/** A line that is heard all the time is not told of more often. */
const TELL_MS = 1_000
/** Whoever has taken the lead has a stream by then; until it has, this one goes on. */
const HAND_OVER_MS = 3_000

/** The tab that has the stream, and tells the others what comes over it. */
export class TabLeader {
  readonly #options: FeedOptions
  readonly #tabs: Tabs
  readonly #lead: Lead
  readonly #stop = new AbortController()
  readonly #handedOver = new AbortController()
  #line: Line
  #toldAt = Number.NEGATIVE_INFINITY
  #isOver = false

  /** @param line - what the tab before it said last: the others need not know that it is another */
  constructor(options: FeedOptions, tabs: Tabs, lead: Lead, line: Line | null) {
    this.#options = options
    this.#tabs = tabs
    this.#lead = lead
    this.#line = line ?? { type: 'line', connection: 'waiting', isLeased: false }
  }

  get line(): Line {
    return this.#line
  }

  /** No other tab has taken the lead. */
  get isReigning(): boolean {
    return !this.#lead.lost.aborted
  }

  /** Another tab says something. */
  receive(message: TabMessage): void {
    if (message.type === 'who') this.#tell()
    else if (message.type === 'wake') this.#options.waker.wake()
    else if (message.type === 'line' && message.connection !== 'waiting') this.#handedOver.abort()
  }

  /**
   * Follows the session until it is over, or another tab has taken the lead and has a stream.
   * @returns whether it is over
   * @throws what {@link follow} throws
   */
  async run(): Promise<boolean> {
    const { signal } = this.#options
    const abort = () => this.#stop.abort(signal.reason)
    const handOver = () => void this.#handOver()
    signal.addEventListener('abort', abort)
    this.#lead.lost.addEventListener('abort', handOver)
    if (signal.aborted) abort()
    if (!this.isReigning) handOver()
    if (this.#line.isLeased) this.#options.onPolling()
    this.#tell()
    try {
      await follow(this.#relaying())
      return this.#isOver || signal.aborted
    } finally {
      this.#stop.abort()
      signal.removeEventListener('abort', abort)
      this.#lead.lost.removeEventListener('abort', handOver)
      this.#lead.release()
    }
  }

  #relaying(): FeedOptions {
    const options = this.#options
    return {
      ...options,
      signal: this.#stop.signal,
      onFrame: async (frame, isFirst) => {
        const taking = await options.onFrame(frame, isFirst)
        this.#isOver ||= taking === 'last'
        if (frame !== null && taking !== 'out_of_step') this.#tabs.tell({ type: 'frame', frame, isFirst })
        return taking
      },
      onGone: (message) => {
        this.#isOver = true
        options.onGone(message)
      },
      onConnection: (connection) => {
        const isNews = connection !== this.#line.connection || performance.now() - this.#toldAt >= TELL_MS
        this.#line = { ...this.#line, connection }
        options.onConnection(connection)
        if (isNews) this.#tell()
      },
      onPolling: () => {
        this.#line = { ...this.#line, isLeased: true }
        options.onPolling()
      },
    }
  }

  async #handOver(): Promise<void> {
    await pause(HAND_OVER_MS, this.#handedOver.signal)
    this.#stop.abort()
  }

  #tell(): void {
    this.#toldAt = performance.now()
    this.#tabs.tell(this.#line)
  }
}
