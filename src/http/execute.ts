import type { SessionCommand } from '../../machines/session/commands.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { CorruptionError } from '../runtime/corruption.js'
import type { Mark } from '../runtime/marks.js'
import type { Outcome } from '../runtime/outcome.js'
import type { SessionHost } from '../runtime/session-host.js'
import type { After } from '../wire/events/record.js'
import { internalError, WireError } from '../wire/errors.js'
import { publicSession } from '../wire/project.js'
import { refusalError } from '../wire/refusals.js'
import type { SessionView } from '../wire/views.js'

const LOG_AWAY = 'The server cannot write down what you asked for at the moment; ask again shortly.'

/** Of a repetition that cannot be answered any more. */
export const MOVED_ON = { detail: 'This was already executed, and the session has changed since.' }

type NotDone = Exclude<Outcome, { type: 'done' | 'repeated' }>

/**
 * Has a session carry a command out when the command log gives it its place, and answers then. With the log
 * in memory that is before this returns, with others it is not: nothing may rest on it.
 * @param answer - makes the answer of the state that this very command left and of the one that it met,
 * whatever has happened since; what it throws is the answer
 */
export type Execute<Output> = (
  command: SessionCommand,
  answer: (after: After, before: SessionSnapshot) => Output,
) => undefined

/** How one request is answered. */
export interface Answering<Output> {
  readonly reply: (value: Output) => void
  readonly fail: (error: unknown) => void
  /** The command was carried out before: the request is to be looked at anew, as a repetition. */
  readonly again: () => void
  /** Of one that may be repeated. */
  readonly mark: Mark | undefined
}

/** For one request: one of `reply`, `fail` and `again` is called once for each command. */
export function executeIn<Output>(host: SessionHost, answering: Answering<Output>): Execute<Output> {
  const { reply, fail, again, mark } = answering
  return (command, answer) => {
    const settled = (outcome: Outcome) => {
      if (outcome.type === 'repeated') return again()
      if (outcome.type === 'unavailable') host.telemetry.commands.unavailable += 1
      if (outcome.type !== 'done') return fail(errorOf(outcome))
      const made = attempt(() => answer(outcome.after, outcome.before))
      if ('error' in made) fail(made.error)
      else reply(made.value)
    }
    host.propose(command, settled, mark)
  }
}

/** Answers what was carried out before with the session as it is now; nothing is carried out. */
export function answerAgain<Output>(
  host: SessionHost,
  { reply, fail }: Pick<Answering<Output>, 'reply' | 'fail'>,
): Execute<Output> {
  return (_command, answer) => {
    const made = attempt(() => answer(host.after(), host.snapshot))
    if ('value' in made) reply(made.value)
    else
      fail(made.error instanceof WireError ? made.error : new WireError('SESSION_STATE_CONFLICT', MOVED_ON))
  }
}

/** The session as a command left it. */
export function sessionIn({ snapshot, checksum }: After): SessionView {
  return publicSession(snapshot, checksum())
}

function attempt<Value>(make: () => Value): { readonly value: Value } | { readonly error: unknown } {
  try {
    return { value: make() }
  } catch (error) {
    return { error }
  }
}

/** The refusal; of a session that failed that it did, and what kind of failure it was. */
function errorOf(outcome: NotDone): WireError {
  if (outcome.type === 'unavailable') return new WireError('SERVICE_UNAVAILABLE', { detail: LOG_AWAY })
  if (outcome.type === 'refused') return refusalError(outcome.refusal)
  const { error } = outcome
  return error instanceof CorruptionError
    ? new WireError('STATE_CORRUPTION', { context: { corruption_type: error.kind } })
    : internalError(error)
}
