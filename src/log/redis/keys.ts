import { hash } from 'node:crypto'
import type { SessionId } from '../../../machines/ids.js'

/** Sessions are spread over so many slots of a cluster; all of a session's keys are in one, so that one script may touch them. */
const BUCKETS = 64

/** The keys of one session. */
export interface SessionKeys {
  /** A stream: its entries since the snapshot. */
  readonly log: string
  /** The session at the place before these. */
  readonly snap: string
}

/** The sessions that are not over, by when they were created. */
export const LIVE = 'm:{g}:live'
/** Those that ended a short while ago, by when. */
export const ENDED = 'm:{g}:ended'
/** Which process carries the sessions out. */
export const HOLDER = 'm:{g}:holder'
/** Written now and then while writes are refused, to see whether they still are. */
export const PROBE = 'm:{g}:probe'

export function keysOf(id: SessionId): SessionKeys {
  const bucket = Number.parseInt(hash('sha1', id).slice(0, 2), 16) % BUCKETS
  const prefix = `m:{${String(bucket).padStart(2, '0')}}:${id}`
  return { log: `${prefix}:log`, snap: `${prefix}:snap` }
}
