import type { SessionCommand } from '../../machines/session/commands.js'
import { CorruptionError } from '../runtime/corruption.js'
import type { Outcome } from '../runtime/outcome.js'
import type { SessionHost } from '../runtime/session-host.js'
import type { After } from '../wire/events/record.js'
import { internalError, WireError } from '../wire/errors.js'
import { refusalError } from '../wire/refusals.js'

/**
 * Has a session carry a command out.
 * @returns the state that it left
 * @throws {WireError} with the refusal, or with the runtime's fault
 */
export function executeOrThrow(host: SessionHost, command: SessionCommand): After {
  let settled: Outcome | null = null
  host.propose(command, (outcome) => {
    settled = outcome
  })
  return afterOrThrow(settled)
}

/** What a client learns of a session that failed: that it did, and what kind of failure it was. */
function faultError({ error }: Extract<Outcome, { type: 'failed' }>): WireError {
  return error instanceof CorruptionError
    ? new WireError('STATE_CORRUPTION', { context: { corruption_type: error.kind } })
    : internalError(error)
}

function afterOrThrow(outcome: Outcome | null): After {
  switch (outcome?.type) {
    case 'done':
      return outcome.after
    case 'refused':
      throw refusalError(outcome.refusal)
    case 'failed':
      throw faultError(outcome)
    default:
      throw new Error('the command log has not settled a command at once')
  }
}
