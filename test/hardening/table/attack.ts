import type { Target } from './target.js'

/** One thing that a client can send, in a bounded amount. */
export interface Attack {
  /** How it appears in the table. */
  readonly name: string
  readonly family: string
  /**
   * Sends it, for `target.forMs` at most if it could go on for ever.
   * @throws when an answer is not what the contract promises
   */
  readonly launch: (target: Target) => Promise<void>
  /** Only against the server itself: a proxy answers this kind itself, or does not pass it on. */
  readonly isDirect?: boolean
  /** Settings for a server of its own; without them it shares the one with the defaults. */
  readonly environment?: Readonly<Record<string, string>>
  /** How many files its own server may have open. */
  readonly descriptorsMax?: number
}

/** Attacks of one family, by name. */
export function family(
  name: string,
  attacks: Readonly<Record<string, Attack['launch']>>,
  rest: Partial<Attack> = {},
): readonly Attack[] {
  return Object.entries(attacks).map(([what, launch]) => ({ ...rest, family: name, name: what, launch }))
}
