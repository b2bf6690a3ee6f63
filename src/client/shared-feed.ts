import { MagnaPPError } from './errors.js'
import { follow } from './feed.js'
import type { FeedOptions } from './feed-state.js'
import { TabFollower } from './tab-follower.js'
import { TabInbox } from './tab-inbox.js'
import { TabLeader } from './tab-leader.js'
import type { Line, TabMessage } from './tab-messages.js'
import type { Lead, Locks, Tabs } from './tabs.js'

/**
 * Follows a session together with the browser's other tabs in the same seat: one of them has the stream
 * and tells the others. A browser has six connections to a server over HTTP/1.1; with a stream in each
 * tab the seventh tab would hang. Where the platform cannot decide between tabs each has its own.
 * @throws what {@link follow} throws
 */
export async function followTogether(options: FeedOptions, tabs: Tabs | null): Promise<void> {
  if (tabs === null || tabs.locks === null) return follow(options)
  await new SharedFeed(options, tabs, tabs.locks).run()
}

class SharedFeed {
  readonly #options: FeedOptions
  readonly #tabs: Tabs
  readonly #locks: Locks
  readonly #inbox = new TabInbox()
  #leader: TabLeader | null = null
  /** What the tab with the stream has said last. */
  #line: Line | null = null

  constructor(options: FeedOptions, tabs: Tabs, locks: Locks) {
    this.#options = options
    this.#tabs = tabs
    this.#locks = locks
    tabs.listen((message) => this.#receive(message))
  }

  async run(): Promise<void> {
    for (;;) {
      const lead = await this.#wait()
      if (lead === null) return
      if (lead === 'none') return follow(this.#options)
      if (await this.#lead(lead)) return
    }
  }

  /** @returns `null`: it is over; `none`: the platform has locks and does not give any, as in a sandbox */
  async #wait(): Promise<Lead | null | 'none'> {
    const follower = new TabFollower(this.#options, this.#tabs, this.#locks, this.#inbox)
    try {
      return await follower.run()
    } catch (error) {
      if (error instanceof MagnaPPError) throw error
      return 'none'
    } finally {
      this.#line = follower.line ?? this.#line
    }
  }

  async #lead(lead: Lead): Promise<boolean> {
    const leader = new TabLeader(this.#options, this.#tabs, lead, this.#line)
    this.#leader = leader
    try {
      return await leader.run()
    } finally {
      this.#line = leader.line
      this.#leader = null
    }
  }

  #receive(message: TabMessage): void {
    this.#leader?.receive(message)
    // Also while leading: whoever took the lead has a stream before this tab has given its own up.
    const isForFollowers = message.type === 'frame' || message.type === 'line'
    if (isForFollowers && this.#leader?.isReigning !== true) this.#inbox.push(message)
  }
}
