import type { SessionInput } from './context.js'

/**
 * How the chart and its policy execute commands, as a number. It is fixed when a session is created, and
 * every session is executed to its end as it began, so several releases can follow one log.
 *
 * Raise `max` when the same entries lead to a different result: another context, status, refusal or public
 * state, whether by our code or by a new XState. Additions count as well: a type of command, a member of one,
 * a member of the context. The golden logs (test/log/golden) fail when it is due. Sessions with the previous
 * number must then be executed as before, member for member: where the two differ, the session's own number
 * decides; from then on it is in the context of sessions with a number above 1. `min` follows one release
 * later, when no session with the previous number can exist any more.
 */
export const SEMANTICS = { min: 1, max: 1 } as const

/** For sessions created before there was a number. */
const FIRST = 1

/** The number that governs this session, whichever release executes it. */
export function semanticsOf({ semantics = FIRST }: Pick<SessionInput, 'semantics'>): number {
  return semantics
}

/** Whether this release can execute this session. */
export function isServed(input: Pick<SessionInput, 'semantics'>): boolean {
  const semantics = semanticsOf(input)
  return semantics >= SEMANTICS.min && semantics <= SEMANTICS.max
}
