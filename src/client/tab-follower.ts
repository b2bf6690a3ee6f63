import { FrameError, WokenError } from './errors.js'
import { settleFailure } from './feed.js'
import { type FeedOptions, FeedState } from './feed-state.js'
import { elapsedMs, type Instant, instant } from './instant.js'
import { isPageVisible } from './page-life.js'
import { backoffMs, pause } from './pause.js'
import { fetchEvents } from './poll.js'
import type { LeaderMessage, TabInbox } from './tab-inbox.js'
import type { Line } from './tab-messages.js'
import type { Lead, Locks, Tabs } from './tabs.js'
import type { Work } from './waker.js'

/** If nobody has the lead, it is granted within this time; after that, the server is asked for the session. */
const GRANT_MS = 100
/** The lead may arrive before the last message of its previous holder. */
const LAST_WORD_MS = 50
/** How often a visible page checks that the tab with the stream is alive. */
const ASK_MS = 5_000
/** While that tab does not answer, how often events that it may have missed are fetched. */
const BRIDGE_MS = 1_000
/** A tab that has not answered by then is frozen, as phones do with background tabs. */
const ANSWER_MS = 4_000

/**
 * A tab without a stream: it relies on what the tab with the stream relays, and asks the server for what it
 * missed.
 */
export class TabFollower {
  readonly #options: FeedOptions
  readonly #tabs: Tabs
  readonly #locks: Locks
  readonly #inbox: TabInbox
  readonly #feed: FeedState
  #work: Work
  #line: Line | null = null
  #heardAt: Instant = instant()
  /** When the other tab was asked whether it is alive, if it has been silent since. */
  #askedAt: Instant | null = null
  /** Another tab was about to take over the stream, and has been silent since. */
  #hasYielded = false
  /** If it still has not answered by then, the server is asked what happened meanwhile. */
  #bridgeAt = Number.POSITIVE_INFINITY
  /** Something was missed: the server must be asked, but not before `#catchUpAt`. On the monotonic clock. */
  #isBehind = true
  #catchUpAt = performance.now() + GRANT_MS
  /** Consecutive failures to catch up. */
  #attempt = 0
  /** Nothing should have been missed; the server is asked only to make sure. */
  #isProbing = false

  constructor(options: FeedOptions, tabs: Tabs, locks: Locks, inbox: TabInbox) {
    this.#options = options
    this.#tabs = tabs
    this.#locks = locks
    this.#inbox = inbox
    this.#feed = new FeedState(options)
    this.#work = this.#begin()
  }

  /** The last line status from the tab with the stream; `null`: none. */
  get line(): Line | null {
    return this.#line
  }

  /**
   * Follows until this tab has the lead.
   * @returns `null`: it is over
   * @throws {MagnaPPError} when the server refused; what the platform throws when it cannot grant a lead
   */
  async run(): Promise<Lead | null> {
    const waiting = new AbortController()
    const granted: Lead[] = []
    const failures: unknown[] = []
    const took = (lead: Lead) => {
      if (waiting.signal.aborted) lead.release()
      granted.push(lead)
      this.#inbox.poke()
    }
    this.#tabs.lead(this.#locks, waiting.signal).then(took, (error) => {
      failures.push(error)
      this.#inbox.poke()
    })
    this.#ask()
    try {
      while (!this.#feed.isOver) {
        const [lead] = granted
        if (lead !== undefined && (await this.#isStillOn())) return lead
        if (failures.length > 0) throw failures[0]
        const taken = this.#isMute() ? await this.#takeOver() : null
        if (taken !== null) return taken
        await this.#step()
      }
      for (const lead of granted) lead.release()
      return null
    } finally {
      this.#work.end()
      waiting.abort()
    }
  }

  /** Reads the last messages of the tab that had the stream: they may include the end. */
  async #isStillOn(): Promise<boolean> {
    if (this.#line !== null) await pause(LAST_WORD_MS, this.#options.signal)
    for (let message = this.#inbox.take(); message !== undefined; message = this.#inbox.take())
      await this.#take(message)
    return !this.#feed.isOver
  }

  async #step(): Promise<void> {
    const now = performance.now()
    if (this.#work.signal.reason instanceof WokenError) this.#wake()
    if (this.#inbox.takeLoss() || now >= this.#bridgeAt) this.#fallBehind()
    if (this.#isBehind && now >= this.#catchUpAt) return this.#catchUp()
    const message = this.#inbox.take()
    if (message !== undefined) return this.#take(message)
    if (this.#askedAt === null && elapsedMs(this.#heardAt) >= ASK_MS && isPageVisible()) this.#ask()
    const nextAt = Math.min(this.#bridgeAt, this.#isBehind ? this.#catchUpAt : this.#bridgeAt)
    await this.#inbox.wait(Math.min(ASK_MS, Math.max(0, nextAt - performance.now())))
  }

  async #take(message: LeaderMessage): Promise<void> {
    this.#heardAt = instant()
    this.#askedAt = null
    this.#hasYielded = false
    this.#bridgeAt = Number.POSITIVE_INFINITY
    if (message.type === 'line') {
      this.#line = message
      if (!this.#isBehind) this.#options.onConnection(message.connection)
      return
    }
    this.#options.waker.heard()
    // The server's answer will include this.
    if (this.#isBehind) return
    try {
      await this.#feed.take([message.frame], message.isFirst)
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      this.#fallBehind()
    }
  }

  /** Fetches what the other tab did not relay, or relayed before this one listened. */
  async #catchUp(): Promise<void> {
    const { timing, onConnection, onFailure } = this.#options
    try {
      const asking = { waitSeconds: 0, signal: this.#work.signal }
      const { frames, hasMore } = await fetchEvents(this.#options, asking)
      // The other tab should have relayed this: its stream is dead and it has not noticed.
      if (this.#isProbing && frames.length > 0) this.#tabs.tell({ type: 'wake' })
      this.#isProbing = false
      await this.#feed.take(frames, true)
      this.#isBehind = hasMore
      this.#attempt = 0
      if (this.#askedAt !== null) this.#bridgeAt = performance.now() + BRIDGE_MS
      onFailure(null)
      if (this.#line !== null) onConnection(this.#line.connection)
    } catch (error) {
      if (this.#feed.isOver || error instanceof WokenError) return
      const askedMs = settleFailure(error, this.#options, this.#feed)
      onConnection('waiting')
      const waitMs = Math.max(askedMs ?? 0, backoffMs(this.#attempt, timing.retryMs, timing.retryMaxMs))
      this.#attempt += 1
      this.#catchUpAt = performance.now() + waitMs
    }
  }

  #fallBehind(): void {
    if (!this.#isBehind) this.#catchUpAt = 0
    this.#isBehind = true
    this.#bridgeAt = Number.POSITIVE_INFINITY
  }

  /** This page is visible again: the other tab may be frozen and its stream dead. */
  #wake(): void {
    this.#work.end()
    this.#work = this.#begin()
    this.#isProbing = !this.#isBehind
    this.#fallBehind()
    this.#catchUpAt = 0
    this.#ask()
  }

  #begin(): Work {
    const work = this.#options.waker.begin('connection', this.#options.signal)
    work.signal.addEventListener('abort', () => this.#inbox.poke())
    return work
  }

  #ask(): void {
    this.#askedAt ??= instant()
    if (!this.#isBehind) this.#bridgeAt = performance.now() + BRIDGE_MS
    this.#tabs.tell({ type: 'who' })
  }

  /** If another tab is already doing so, it gets the same time again to report. */
  async #takeOver(): Promise<Lead | null> {
    const way = this.#hasYielded ? 'insist' : 'yield'
    const lead = await this.#tabs.takeOver(this.#locks, way, () => this.#isMute())
    if (lead !== null) return lead
    this.#hasYielded = true
    this.#askedAt = instant()
    return null
  }

  /** The tab with the stream does not answer, and none of its messages are left to read. */
  #isMute(): boolean {
    return this.#inbox.isEmpty && this.#askedAt !== null && elapsedMs(this.#askedAt) >= ANSWER_MS
  }
}
