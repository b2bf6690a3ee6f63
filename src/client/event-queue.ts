import { EventsOverflowError } from './errors.js'

/** Items that may wait for a slow reader; one more ends the iteration with {@link EventsOverflowError}. */
const WAITING_MAX = 1_024

/** Connects a source that pushes to a single `for await` that pulls. */
export class EventQueue<Item> implements AsyncIterableIterator<Item> {
  readonly #waiting: Item[] = []
  /** Readers waiting for an item, in the order in which they asked. */
  readonly #readers: (() => void)[] = []
  readonly #onClosed: (queue: EventQueue<Item>) => void
  #isClosed = false
  #error: Error | null = null

  /** @param onClosed - called once, when nothing more will be read */
  constructor(onClosed: (queue: EventQueue<Item>) => void) {
    this.#onClosed = onClosed
  }

  push(item: Item): void {
    if (this.#isClosed) return
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(item)
    else this.close(new EventsOverflowError(`more than ${WAITING_MAX} events were not read`))
    this.#readers.shift()?.()
  }

  /** What was already pushed can still be read; then the iteration ends, with the error if there is one. */
  close(error: Error | null = null): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#error = error
    this.#onClosed(this)
    for (const wake of this.#readers.splice(0)) wake()
  }

  async next(): Promise<IteratorResult<Item>> {
    while (this.#waiting.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#readers.push(resolve))
    }
    const value = this.#waiting.shift()
    if (value !== undefined) return { value, done: false }
    const error = this.#error
    this.#error = null
    if (error !== null) throw error
    return { value: undefined, done: true }
  }

  async return(): Promise<IteratorResult<Item>> {
    this.#waiting.length = 0
    this.#error = null
    this.close()
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
