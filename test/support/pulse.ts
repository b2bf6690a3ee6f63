/** Between two beats, in milliseconds, where nothing else is to be done. */
export const PULSE_MS = 100

/**
 * Time as this process, and what it talks to, have had it: it beats ten times a second, and only when an answer has
 * come in between. What must be done in so many beats is given more time by a machine that has much to do, and by one
 * that stood still.
 */
export class Pulse {
  #beats = 0
  #isOver = false

  /** @param ask - something that is answered at once */
  constructor(ask: () => Promise<unknown>) {
    this.#run(ask)
  }

  get beats(): number {
    return this.#beats
  }

  stop(): void {
    this.#isOver = true
  }

  async #run(ask: () => Promise<unknown>): Promise<void> {
    while (!this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, PULSE_MS))
      await ask().catch(() => {})
      this.#beats += 1
    }
  }
}
