/** Milliseconds between two beats if there is nothing else to do. */
export const PULSE_MS = 100

/**
 * Time as this process, and what it talks to, have experienced it: it beats ten times a second, but only once
 * an answer has come in between. So limits in beats are longer on a machine that is busy or was suspended.
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
