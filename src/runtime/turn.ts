/** The stages at the end of a turn, in order. */
const STAGES = ['commands', 'answers', 'deliveries'] as const

export type Stage = (typeof STAGES)[number]

type Work = () => void

/** A turn ends when this many commands wait: more would outlive the collector's nursery, and be late. */
const COMMANDS_MAX = 64

/**
 * Defers work until everything that arrived during a turn of the event loop is read, and then does
 * it stage by stage: all commands, all answers, all deliveries. The events of all commands of a turn
 * go out together, in one write per reader; and code that runs many times in a row stays in the
 * processor's caches, where system calls for reading and writing would otherwise displace it.
 * Within a stage, work is done in order of arrival. {@link COMMANDS_MAX} commands end a turn early.
 */
export class Turn {
  readonly #onFault: (error: unknown) => void
  readonly #queues: Readonly<Record<Stage, Work[]>> = { commands: [], answers: [], deliveries: [] }
  #isEndDue = false
  #isEnding = false

  /** @param onFault - called with what a piece of work threw; the rest is done all the same */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault
  }

  /** Does this when its stage comes: in the next turn if the stage is already over in this one. */
  at(stage: Stage, work: Work): void {
    this.#queues[stage].push(work)
    if (this.#queues.commands.length >= COMMANDS_MAX && !this.#isEnding) this.#end()
    else this.#endLater()
  }

  #endLater(): void {
    if (this.#isEndDue) return
    this.#isEndDue = true
    setImmediate(() => {
      this.#isEndDue = false
      this.#end()
    })
  }

  #end(): void {
    this.#isEnding = true
    for (const stage of STAGES) {
      const queue = this.#queues[stage]
      for (let left = queue.length; left > 0; left -= 1) this.#do(queue.shift())
    }
    this.#isEnding = false
    if (STAGES.some((stage) => this.#queues[stage].length > 0)) this.#endLater()
  }

  #do(work: Work | undefined): void {
    try {
      work?.()
    } catch (error) {
      this.#onFault(error)
    }
  }
}
