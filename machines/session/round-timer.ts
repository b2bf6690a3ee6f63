import type { EpochMs } from '../ids.js'

/** The timed parts of a round: the voting, and the reveal. */
export type RoundTimer = 'voting' | 'revealing'

/** When each of them is or was due; timers that a round does not have are omitted. */
export type RoundTimers = Readonly<Partial<Record<RoundTimer, EpochMs>>>
