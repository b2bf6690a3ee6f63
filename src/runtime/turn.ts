/** The stages of a turn's end, in their order. */
const STAGES = ['commands', 'answers', 'deliveries'] as const

export type Stage = (typeof STAGES)[number]

type Work = () => void

/**
 * Puts work off until everything that came in during a turn of the event loop is read, and then does
 * it stage by stage: all commands, all answers, all deliveries. The events of all commands of a turn
 * go out together, in one write per reader; and code that runs many times in a row finds itself in
 * the processor's caches, where the system calls of reading and writing in between would have taken
 * its place. Within a stage the order is that of coming in.
 */
export class Turn {
  readonly #queues: Readonly<Record<Stage, Work[]>> = { commands: [], answers: [], deliveries: [] }
  #isEndDue = false

  /** Does this when its stage comes; that is in the next turn when it is over in this one. */
  at(stage: Stage, work: Work): void {
    this.#queues[stage].push(work)
    this.#endLater()
  }

  #endLater(): void {
    if (this.#isEndDue) return
    this.#isEndDue = true
    setImmediate(() => this.#end())
  }

  #end(): void {
    this.#isEndDue = false
    try {
      for (const stage of STAGES) {
        const queue = this.#queues[stage]
        for (let left = queue.length; left > 0; left -= 1) queue.shift()?.()
      }
    } finally {
      // What one piece of work throws is not the others' fault.
      if (STAGES.some((stage) => this.#queues[stage].length > 0)) this.#endLater()
    }
  }
}
