import type { SessionCommand } from '../../machines/session/commands.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { CorruptionError } from '../runtime/corruption.js'
import type { Outcome } from '../runtime/outcome.js'
import type { SessionHost } from '../runtime/session-host.js'
import type { After } from '../wire/events/record.js'
import { internalError, WireError } from '../wire/errors.js'
import { publicSession } from '../wire/project.js'
import { refusalError } from '../wire/refusals.js'
import type { SessionView } from '../wire/views.js'

const LOG_AWAY = 'The server cannot write down what you asked for at the moment; ask again shortly.'

type NotDone = Exclude<Outcome, { type: 'done' }>

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

/** For one request: one of `reply` and `fail` is called once for each command. */
export function executeIn<Output>(
  host: SessionHost,
  reply: (value: Output) => void,
  fail: (error: unknown) => void,
): Execute<Output> {
  return (command, answer) => {
    host.propose(command, (outcome) => {
      if (outcome.type !== 'done') return fail(errorOf(outcome))
      const made = attempt(() => answer(outcome.after, outcome.before))
      if ('error' in made) fail(made.error)
      else reply(made.value)
    })
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
