import type { EpochMs, UserId } from '../ids.js'

/** The shortest time between two nudges of the same person (contract section 10). */
export const NUDGE_INTERVAL_MS = 10_000

/** The last time somebody was nudged. */
export interface Nudge {
  readonly userId: UserId
  readonly at: EpochMs
}

/** How long until somebody may be nudged again; 0: now. */
export function nudgeWaitMs(nudges: readonly Nudge[], userId: UserId, now: EpochMs): number {
  const last = nudges.find((nudge) => nudge.userId === userId)
  return last === undefined ? 0 : Math.max(0, last.at + NUDGE_INTERVAL_MS - now)
}

/** The nudges with a new one; expired ones are dropped. */
export function withNudge(nudges: readonly Nudge[], userId: UserId, now: EpochMs): readonly Nudge[] {
  const recent = nudges.filter((nudge) => nudge.userId !== userId && now - nudge.at < NUDGE_INTERVAL_MS)
  return [...recent, { userId, at: now }]
}
