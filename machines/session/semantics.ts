import type { SessionInput } from './context.js'

/**
 * How the chart and its policy carry out commands, as a number. It is fixed for a session when that is created,
 * and every session is carried out to its end as it began: so several releases can follow one log.
 *
 * Raise `max` when the same entries come to something else: another context, status, refusal or public state, be
 * it by our code or by a new XState. What is new counts as well: a type of command, a member of one, a member of
 * the context. Golden logs (test/log/golden) go red when it is due. Sessions of the number before must then be
 * carried out as before, member for member: where the two differ, the session's own number decides, which from
 * then on stands in the context of those that have a later one than 1. `min` follows a release later, when no
 * session of the one before can be there any more.
 */
export const SEMANTICS = { min: 1, max: 1 } as const

/** Of sessions that were created before there was a number. */
const FIRST = 1

/** How this session is carried out, whichever release does it. */
export function semanticsOf({ semantics = FIRST }: Pick<SessionInput, 'semantics'>): number {
  return semantics
}

/** Whether this release can carry this session out. */
export function isServed(input: Pick<SessionInput, 'semantics'>): boolean {
  const semantics = semanticsOf(input)
  return semantics >= SEMANTICS.min && semantics <= SEMANTICS.max
}
