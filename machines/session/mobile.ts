import type { UserId } from '../ids.js'

/** What a phone reports about itself; `null` for what it did not report. */
export interface MobileConditions {
  readonly batteryPercent: number | null
  /** The Network Information API's effective type (`slow-2g`, `2g`, `3g`, `4g`), or whatever was sent. */
  readonly networkType: string | null
}

/** How a participant's streams are adapted to their phone. */
export interface MobileProfile {
  readonly userId: UserId
  readonly heartbeatSeconds: number
  /** Events of one second are sent in one write. */
  readonly batchesEvents: boolean
  readonly reducesAnimations: boolean
  /** The network is slow; this also batches events. */
  readonly adaptsToNetwork: boolean
}

const PLENTY_ABOVE_PERCENT = 50
const BATCHING_BELOW_PERCENT = 30
const REDUCED_ANIMATIONS_BELOW_PERCENT = 20
const SLOW_NETWORKS: readonly (string | null)[] = ['2g', 'slow-2g']

/**
 * The profile for a phone's conditions (contract section 5, "Mobile").
 * @param heartbeatSeconds - the interval above 50 % battery; doubled at 50 % or less, and for a phone that does not say
 */
export function mobileProfile(
  userId: UserId,
  { batteryPercent, networkType }: MobileConditions,
  heartbeatSeconds: number,
): MobileProfile {
  // For a phone that does not report its battery, only the heartbeat is adapted.
  const isPlenty = (batteryPercent ?? 0) > PLENTY_ABOVE_PERCENT
  const battery = batteryPercent ?? 100
  return {
    userId,
    heartbeatSeconds: isPlenty ? heartbeatSeconds : 2 * heartbeatSeconds,
    batchesEvents: battery < BATCHING_BELOW_PERCENT,
    reducesAnimations: battery < REDUCED_ANIMATIONS_BELOW_PERCENT,
    adaptsToNetwork: SLOW_NETWORKS.includes(networkType),
  }
}
