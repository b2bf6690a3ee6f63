import type { ProblemView } from '../wire/problem.js'

/** The server refused: a row of the contract's error table. */
export class MagnaPPError extends Error {
  override readonly name = 'MagnaPPError'
  /** As `SESSION_NOT_FOUND`; `UNKNOWN` when something between refused in its own words. */
  readonly code: string
  readonly status: number
  /** Seconds after which trying again makes sense; `null`: it makes none. */
  readonly retryAfterSeconds: number | null
  /** Sentences for a person: what they can do, most useful first. */
  readonly recoveryActions: readonly string[]
  /** The whole answer; `null` when it was not MagnaPP's. */
  readonly problem: ProblemView | null

  constructor(status: number, problem: ProblemView | null, retryAfterSeconds: number | null) {
    super(problem?.detail ?? `the answer, with status ${status}, was not MagnaPP's`)
    this.status = status
    this.code = problem?.error_code ?? 'UNKNOWN'
    this.problem = problem
    this.recoveryActions = textsOf(problem?.recovery_actions)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** A server of another version may have said something else here. */
function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** An iterator's reader fell so far behind that its queue was given up; `state` is not concerned. */
export class EventsOverflowError extends Error {
  override readonly name = 'EventsOverflowError'
}

/** A frame made no sense, or did not follow the one before it: the connection is made again. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/** The machine slept while something was open. */
export class SleptError extends Error {
  override readonly name = 'SleptError'
}

/** Somebody knows that what is open is not worth waiting for. */
export class WokenError extends Error {
  override readonly name = 'WokenError'
}
