import type { SessionCommand } from '../../machines/session/commands.js'
import { memoryLog } from '../../src/log/memory/command-log.js'
import type { CommandLog } from '../../src/runtime/command-log.js'
import type { Outcome } from '../../src/runtime/outcome.js'

interface Entry {
  readonly command: SessionCommand
  readonly settled: (outcome: Outcome) => void
}

/**
 * A command log like one on another machine: a command gets its place some time after it was proposed,
 * outside its proposer's stack, together with all others proposed by then.
 * @param later - calls back after that time
 */
export function lateLog(later: (work: () => void) => void): CommandLog {
  return {
    ...memoryLog,
    create: ({ birth }, placed) => later(() => placed({ type: 'placed', birth, active: null })),
    follow: (_id, follower) => {
      let proposed: Entry[] = []
      return {
        propose: (command, settled) => {
          proposed.push({ command, settled })
          if (proposed.length > 1) return
          later(() => {
            const placed = proposed
            proposed = []
            for (const entry of placed) entry.settled(follower.apply(entry.command, undefined, true))
          })
        },
        catchUp: (then) => then(true),
      }
    },
  }
}

/** Half a turn of the event loop, or one. */
export const aTurnLater = lateLog((work) => setImmediate(work))

export const FAR_MS = 50

/** As far away as the next continent. */
export const farLog = lateLog((work) => setTimeout(work, FAR_MS))

/** A log that gives places a turn later, and none while it is held. */
export class HeldLog {
  readonly log = lateLog((work) => {
    if (this.#isHeld) this.#waiting.push(work)
    else setImmediate(work)
  })
  readonly #waiting: (() => void)[] = []
  #isHeld = false

  /** Whether something was proposed since it is held. */
  get hasProposals(): boolean {
    return this.#waiting.length > 0
  }

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    for (const work of this.#waiting.splice(0)) work()
  }
}
