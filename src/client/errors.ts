import type { ProblemView } from '../wire/problem.js'

/** The server refused: a row of the contract's error table. */
export class MagnaPPError extends Error {
  override readonly name = 'MagnaPPError'
  /** Such as `SESSION_NOT_FOUND`; `UNKNOWN` when something in between refused in its own words. */
  readonly code: string
  readonly status: number
  /** Seconds after which a retry makes sense; `null`: a retry makes no sense. */
  readonly retryAfterSeconds: number | null
  /** Sentences to show to the user: what they can do, most useful first. */
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

/** Whether a refusal means that the seat is gone: its participant has left, or was removed. */
export function isSeatGone({ code, problem }: MagnaPPError): boolean {
  if (code === 'USER_NOT_FOUND' || code === 'AUTHENTICATION_REQUIRED') return true
  // The token is nobody's any more. If a role is named, only that is missing.
  return code === 'UNAUTHORIZED' && problem?.context['required_role'] == null
}

/** A server of another version may send something else here. */
function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** An iterator's reader fell so far behind that its queue was dropped; `state` is unaffected. */
export class EventsOverflowError extends Error {
  override readonly name = 'EventsOverflowError'
}

/** A frame could not be parsed, or does not follow the one before it: the client reconnects. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/** The machine slept while a request or stream was open. */
export class SleptError extends Error {
  override readonly name = 'SleptError'
}

/** Somebody knows that the open request or stream is not worth waiting for. */
export class WokenError extends Error {
  override readonly name = 'WokenError'
}
