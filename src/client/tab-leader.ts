import { follow } from './feed.js'
import type { FeedOptions } from './feed-state.js'
import { pause } from './pause.js'
import type { Line, TabMessage } from './tab-messages.js'
import type { Lead, Tabs } from './tabs.js'

/** The line status is not repeated more often than this. */
const TELL_MS = 1_000
/** A tab that took the lead has a stream within this time; until then this one continues. */
const HAND_OVER_MS = 3_000

/** The tab that holds the stream and relays it to the others. */
export class TabLeader {
  readonly #options: FeedOptions
  readonly #tabs: Tabs
  readonly #lead: Lead
  readonly #stop = new AbortController()
  readonly #handedOver = new AbortController()
  #line: Line
  #toldAt = Number.NEGATIVE_INFINITY
  #isOver = false

  /** @param line - the last line status of the previous leader: the others need not notice the change */
  constructor(options: FeedOptions, tabs: Tabs, lead: Lead, line: Line | null) {
    this.#options = options
    this.#tabs = tabs
    this.#lead = lead
    this.#line = line ?? { type: 'line', connection: 'waiting', isLeased: false }
  }

  get line(): Line {
    return this.#line
  }

  /** Whether no other tab has taken the lead. */
  get isReigning(): boolean {
    return !this.#lead.lost.aborted
  }

  /** Handles a message from another tab. */
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
