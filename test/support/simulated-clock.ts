import type { Clock } from '../../machines/ports.js'

interface Timer {
  readonly id: number
  readonly at: number
  readonly callback: () => void
}

/**
 * A clock that moves only when told to. Unlike XState's own it runs timers in chronological order, each at
 * its time, including those that a timer sets on the way.
 */
export class SimulatedClock implements Clock {
  readonly #timers = new Map<number, Timer>()
  #now: number
  #nextId = 1

  constructor(start = 0) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: (...args: unknown[]) => void, timeoutMs: number): number {
    const id = this.#nextId++
    this.#timers.set(id, { id, at: this.#now + Math.max(0, timeoutMs), callback })
    return id
  }

  clearTimeout(id: unknown): void {
    if (typeof id === 'number') this.#timers.delete(id)
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size
  }

  increment(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers.values()]
        .filter((timer) => timer.at <= end)
        .sort((one, other) => one.at - other.at || one.id - other.id)[0]
      if (due === undefined) break
      this.#timers.delete(due.id)
      this.#now = due.at
      due.callback()
    }
    this.#now = end
  }
}
