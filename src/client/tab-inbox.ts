import { pause } from './pause.js'
import type { TabMessage } from './tab-messages.js'

/** Of the tab that has the stream. */
export type LeaderMessage = Extract<TabMessage, { type: 'frame' | 'line' }>

/** Messages that wait while others are dealt with; with one more all of them are given up. */
const WAITING_MAX = 1_024

/** What another tab has told, until it is dealt with. */
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

  /** Whether something was given up since this was last asked. */
  takeLoss(): boolean {
    const hasLost = this.#hasLost
    this.#hasLost = false
    return hasLost
  }

  /** Ends the waiting. */
  poke(): void {
    this.#arrival.abort()
  }

  /** Waits for a message, or a poke, for so long at most. */
  async wait(ms: number): Promise<void> {
    if (this.isEmpty) await pause(ms, this.#arrival.signal)
    this.#arrival = new AbortController()
  }
}
