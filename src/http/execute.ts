import type { SessionCommand } from '../../machines/session/commands.js'
import type { Outcome, SessionHost } from '../runtime/session-host.js'
import { WireError } from '../wire/errors.js'

/**
 * Has a session carry a command out.
 * @throws {WireError} with the refusal, or with the runtime's fault
 */
export function executeOrThrow(
  host: SessionHost,
  command: SessionCommand,
): Extract<Outcome, { type: 'done' }> {
  const outcome = host.execute(command)
  switch (outcome.type) {
    case 'done':
      return outcome
    case 'refused':
      throw new WireError(outcome.refusal.code, outcome.refusal)
    case 'failed':
      throw new WireError(outcome.fault)
    default:
      return outcome satisfies never
  }
}
