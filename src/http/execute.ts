import type { SessionCommand } from '../../machines/session/commands.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { CorruptionError } from '../runtime/corruption.js'
import type { Mark } from '../runtime/marks.js'
import type { Outcome } from '../runtime/outcome.js'
import type { SessionHost } from '../runtime/session-host.js'
import { internalError, WireError } from '../wire/errors.js'
import type { After } from '../wire/events/record.js'
import { publicSession } from '../wire/project.js'
import { refusalError } from '../wire/refusals.js'
import type { SessionView } from '../wire/views.js'

const LOG_AWAY = 'The server cannot record commands at the moment; try again shortly.'

/** The refusal of a repetition that can no longer be answered. */
export const MOVED_ON = { detail: 'This was already executed, and the session has changed since.' }

type NotDone = Exclude<Outcome, { type: 'done' | 'repeated' }>

/**
 * Has a session execute a command once the command log gives it a place, then answers. With the in-memory log
 * that happens before this returns, with others later: nothing may depend on it.
 * @param answer - builds the answer from the state that this command left and the one before it, whatever has
 * happened since; an error it throws becomes the answer
 */
export type Execute<Output> = (
  command: SessionCommand,
  answer: (after: After, before: SessionSnapshot) => Output,
) => undefined

/** How one request is answered. */
export interface Answering<Output> {
  readonly reply: (value: Output) => void
  readonly fail: (error: unknown) => void
  /** The command was executed before: the request must be looked at again, as a repetition. */
  readonly again: () => void
  /** The mark of a repeatable request. */
  readonly mark: Mark | undefined
}

/** For one request: one of `reply`, `fail` and `again` is called exactly once per command. */
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

/** Answers a command that was executed before from the current session; executes nothing. */
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

/** The refusal; if the session failed, that it did and with what kind of failure. */
function errorOf(outcome: NotDone): WireError {
  if (outcome.type === 'unavailable') return new WireError('SERVICE_UNAVAILABLE', { detail: LOG_AWAY })
  if (outcome.type === 'refused') return refusalError(outcome.refusal)
  const { error } = outcome
  return error instanceof CorruptionError
    ? new WireError('STATE_CORRUPTION', { context: { corruption_type: error.kind } })
    : internalError(error)
}
