import type { EpochMs } from '../ids.js'

/** What of a round ends by time: the voting, and the turning of the cards. */
export type RoundTimer = 'voting' | 'revealing'

/** When each of them is due, or was; those that a round does not have are left out. */
export type RoundTimers = Readonly<Partial<Record<RoundTimer, EpochMs>>>
