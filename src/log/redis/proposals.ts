import type { Outcome } from '../../runtime/outcome.js'

/** Commands of one session that may wait for a place; further ones are told at once that there is none. */
export const WAITING_MAX = 256
/** The limit for one call, in UTF-16 code units; a single command is always sent. */
const CALL_LENGTH_MAX = 262_144
/** Extra time for an answer given at the last moment to travel back, in milliseconds. */
export const ANSWER_MS = 200

const UNAVAILABLE: Outcome = { type: 'unavailable' }

/** A command that somebody waits for. */
export interface Proposal {
  readonly nonce: string
  /** The command as it is written to the log. */
  readonly text: string
  /** The latest time for it to get a place, by the process's own clock. */
  readonly until: number
  /** `null`: it has been called. */
  settled: ((outcome: Outcome) => void) | null
  /** The outcome, held until it may be told; `null`: none yet. */
  outcome: Outcome | null
}

/**
 * The commands of a session that have no place yet: those that wait, and those of the one call that is under
 * way. Each proposer is told the outcome once, and in time whatever happens.
 */
export class Proposals {
  readonly #onFault: (error: unknown) => void
  readonly #holds: boolean
  #waiting: Proposal[] = []
  #sent: readonly Proposal[] = []
  #timer: NodeJS.Timeout | null = null

  /**
   * @param onFault - called with what a proposer's callback threw
   * @param holds - whether outcomes are held back until {@link release}
   */
  constructor(onFault: (error: unknown) => void, holds: boolean) {
    this.#onFault = onFault
    this.#holds = holds
  }

  get isEmpty(): boolean {
    return this.#sent.length + this.#waiting.length === 0
  }

  get isFull(): boolean {
    return this.#waiting.length >= WAITING_MAX
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  add(proposal: Proposal): void {
    this.#waiting.push(proposal)
    this.#timer ??= this.#timerFor(proposal)
  }

  /** Takes the commands for the next call; empty when nothing waits. */
  send(): readonly Proposal[] {
    let length = 0
    const tooMany = this.#waiting.findIndex(({ text }, index) => {
      length += text.length
      return index > 0 && length > CALL_LENGTH_MAX
    })
    this.#sent = this.#waiting.splice(0, tooMany === -1 ? this.#waiting.length : tooMany)
    return this.#sent
  }

  /** The commands of the call got no place and never will; those that still have time wait again. */
  putBack(): void {
    const now = performance.now()
    const inTime = this.#sent.filter(({ until, settled }) => settled !== null && until > now)
    this.giveUp(this.#sent.filter((proposal) => !inTime.includes(proposal)))
    this.#waiting.unshift(...inTime)
    this.#sent = []
  }

  /** The call is over: whatever is left of it has no place. */
  close(): void {
    this.giveUp(this.#sent)
    this.#sent = []
    if (this.#waiting.length > 0 || this.#timer === null) return
    clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Gives up on all of them, whatever becomes of them. */
  stop(): void {
    this.giveUp([...this.#sent, ...this.#waiting.splice(0)])
    this.close()
  }

  /** An entry was applied. */
  settle(nonce: string, outcome: Outcome): void {
    const proposal = this.#sent.find((sent) => sent.nonce === nonce)
    if (proposal === undefined) return
    if (this.#holds) proposal.outcome = outcome
    else this.#tell(proposal, outcome)
  }

  /**
   * Tells the outcomes that were held back.
   * @param isKept - `false`: the commands may yet be lost, so nobody is told that theirs was done
   */
  release(isKept: boolean): void {
    for (const proposal of this.#sent) {
      if (proposal.outcome !== null) this.#tell(proposal, isKept ? proposal.outcome : UNAVAILABLE)
    }
  }

  giveUp(proposals: readonly Proposal[]): void {
    for (const proposal of proposals) this.#tell(proposal, UNAVAILABLE)
  }

  #tell(proposal: Proposal, outcome: Outcome): void {
    const { settled } = proposal
    proposal.settled = null
    try {
      settled?.(outcome)
    } catch (error) {
      this.#onFault(error)
    }
  }

  /** Tells whoever has waited long enough; what was sent may still turn up in the log. */
  #expire(): void {
    const now = performance.now()
    const isDue = ({ until }: Proposal) => until + ANSWER_MS <= now
    const due = [...this.#sent, ...this.#waiting].filter(isDue)
    this.#waiting = this.#waiting.filter((proposal) => !isDue(proposal))
    this.giveUp(due)
    const next = [...this.#sent, ...this.#waiting].find(({ settled }) => settled !== null)
    this.#timer = next === undefined ? null : this.#timerFor(next)
  }

  #timerFor({ until }: Proposal): NodeJS.Timeout {
    return setTimeout(() => this.#expire(), Math.max(1, until + ANSWER_MS - performance.now()))
  }
}
