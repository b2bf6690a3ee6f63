import type { Outcome } from '../../runtime/outcome.js'

/** Commands of one session that wait for their place; more are told at once that there is none. */
export const WAITING_MAX = 256
/** Of one call, in UTF-16 code units; one command is sent in any case. */
const CALL_LENGTH_MAX = 262_144
/** What is answered in the last moment may be late on its way back, in milliseconds. */
export const ANSWER_MS = 200

const UNAVAILABLE: Outcome = { type: 'unavailable' }

/** A command that somebody waits for. */
export interface Proposal {
  readonly nonce: string
  /** The command as it is written down. */
  readonly text: string
  /** When its place must be found, by the process's own measure. */
  readonly until: number
  /** `null`: it was told. */
  settled: ((outcome: Outcome) => void) | null
  /** What it came to, as long as that may not be told; `null`: nothing yet. */
  outcome: Outcome | null
}

/**
 * The commands of a session that have no place yet: those that wait, and those of the one call that is under way.
 * Each is told once what became of it, and in its time whatever happens.
 */
export class Proposals {
  readonly #onFault: (error: unknown) => void
  readonly #holds: boolean
  #waiting: Proposal[] = []
  #sent: readonly Proposal[] = []
  #timer: NodeJS.Timeout | null = null

  /**
   * @param onFault - told what somebody threw who was told
   * @param holds - whether nobody is told what their command came to before {@link release}
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

  /** What the next call takes; empty when nothing waits. */
  send(): readonly Proposal[] {
    let length = 0
    const tooMany = this.#waiting.findIndex(({ text }, index) => {
      length += text.length
      return index > 0 && length > CALL_LENGTH_MAX
    })
    this.#sent = this.#waiting.splice(0, tooMany === -1 ? this.#waiting.length : tooMany)
    return this.#sent
  }

  /** What the call took has no place and never will; what still has time waits again. */
  putBack(): void {
    const now = performance.now()
    const inTime = this.#sent.filter(({ until, settled }) => settled !== null && until > now)
    this.giveUp(this.#sent.filter((proposal) => !inTime.includes(proposal)))
    this.#waiting.unshift(...inTime)
    this.#sent = []
  }

  /** The call is over: what it took and nobody was told of has no place. */
  close(): void {
    this.giveUp(this.#sent)
    this.#sent = []
    if (this.#waiting.length > 0 || this.#timer === null) return
    clearTimeout(this.#timer)
    this.#timer = null
  }

  /** None of them is waited for any longer, whatever becomes of it. */
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

  /** What was applied and held may be told. @param isKept - otherwise it may yet be lost, so nobody is told that it was done */
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

  /** Whoever has waited long enough is told; what was sent may still be found. */
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
