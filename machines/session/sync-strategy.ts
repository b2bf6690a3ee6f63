import type { Version } from '../ids.js'

/** What a reconnecting client is sent to catch up. */
export type SyncStrategy = 'no_sync_needed' | 'delta_sync' | 'full_sync'

/** The state that a client claims to have; nothing here is trusted. */
export interface KnownState {
  readonly version: Version
  readonly checksum: string | null
}

/** A client further behind than this gets everything. */
export const DELTA_VERSIONS_MAX = 5

/** What a client's copy is compared with. */
export interface Stamp {
  readonly version: Version
  readonly checksum: string
}

/**
 * How a client that comes back is brought up to date (contract section 7).
 * @param known - what it says it has; `null`: nothing
 * @param wasCutOff - a network partition separated it from the session
 */
export function syncStrategy(known: KnownState | null, server: Stamp, wasCutOff: boolean): SyncStrategy {
  if (known === null || wasCutOff) return 'full_sync'
  const behind = server.version - known.version
  if (behind > 0 && behind <= DELTA_VERSIONS_MAX) return 'delta_sync'
  return behind === 0 && known.checksum === server.checksum ? 'no_sync_needed' : 'full_sync'
}
