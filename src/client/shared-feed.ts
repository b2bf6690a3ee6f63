import { MagnaPPError } from './errors.js'
import { follow } from './feed.js'
import type { FeedOptions } from './feed-state.js'
import { TabFollower } from './tab-follower.js'
import { TabInbox } from './tab-inbox.js'
import { TabLeader } from './tab-leader.js'
import type { Line, TabMessage } from './tab-messages.js'
import type { Lead, Locks, Tabs } from './tabs.js'

/**
 * Follows a session together with the browser's other tabs in the same seat: one of them holds the stream and
 * relays it to the others. Over HTTP/1.1 a browser opens six connections to a server; with a stream in each
 * tab, the seventh tab would hang. If the platform cannot coordinate tabs, each has its own stream.
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
  /** The last line status from the tab with the stream. */
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

  /** @returns `null`: it is over; `none`: the platform has locks but grants none, as in a sandbox */
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
    // Also while leading: a tab that took the lead has its stream before this tab gives up its own.
    const isForFollowers = message.type === 'frame' || message.type === 'line'
    if (isForFollowers && this.#leader?.isReigning !== true) this.#inbox.push(message)
  }
}
