import { pause } from './pause.js'
import type { TabMessage } from './tab-messages.js'

/** Messages of the tab with the stream. */
export type LeaderMessage = Extract<TabMessage, { type: 'frame' | 'line' }>

/** How many messages may wait to be handled; one more drops them all. */
const WAITING_MAX = 1_024

/** Messages from other tabs, until they are handled. */
export class TabInbox {
  #waiting: LeaderMessage[] = []
  #arrival = new AbortController()
  #hasLost = false

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  push(message: LeaderMessage): void {
    if (this.#waiting.length >= WAITING_MAX) {
      this.#waiting = []
      this.#hasLost = true
    }
    this.#waiting.push(message)
    this.poke()
  }

  take(): LeaderMessage | undefined {
    return this.#waiting.shift()
  }

  /** Whether something was dropped since the last call. */
  takeLoss(): boolean {
    const hasLost = this.#hasLost
    this.#hasLost = false
    return hasLost
  }

  /** Ends the wait. */
  poke(): void {
    this.#arrival.abort()
  }

  /** Waits for a message or a poke, for at most this long. */
  async wait(ms: number): Promise<void> {
    if (this.isEmpty) await pause(ms, this.#arrival.signal)
    this.#arrival = new AbortController()
  }
}
