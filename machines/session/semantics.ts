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
 *
 * 2: a session is no longer empty once somebody joins; only the end that comes first is announced.
 */
export const SEMANTICS = { min: 1, max: 2 } as const

/** For sessions created before there was a number. */
const FIRST = 1

/** Whatever is executed by one of these numbers. */
interface Numbered {
  readonly semantics?: number
}

/** The number that governs this session, whichever release executes it. */
export function semanticsOf({ semantics = FIRST }: Numbered): number {
  return semantics
}

/** The number as the context has it: the first one is left out, as it was before there was a second. */
export function numbered(input: Numbered): Numbered {
  const semantics = semanticsOf(input)
  return semantics === FIRST ? {} : { semantics }
}

/** Whether this release can execute this session. */
export function isServed(input: Numbered): boolean {
  const semantics = semanticsOf(input)
  return semantics >= SEMANTICS.min && semantics <= SEMANTICS.max
}
