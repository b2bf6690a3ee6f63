import { hash } from 'node:crypto'
import type { SessionId } from '../../../machines/ids.js'

/** Sessions are spread over so many slots of a cluster; all of a session's keys are in one, so that one script may touch them. */
export const BUCKETS = 64

/** The keys of one session. */
export interface SessionKeys {
  /** A stream: its entries since the snapshot. */
  readonly log: string
  /** The session at the place before these. */
  readonly snap: string
  /** Where it is said that there are new entries. */
  readonly channel: string
}

/** The sessions that are not over, by when they were created. */
export const LIVE = 'm:{g}:live'
/** Those that are over, by when they ended. */
export const ENDED = 'm:{g}:ended'
/** Which session has which room. */
export const ROOMS = 'm:{g}:rooms'
/** The processes that run, by when the lease of each is over. */
export const NODES = 'm:{g}:nodes'
/** Written now and then while writes are refused, to see whether they still are. */
export const PROBE = 'm:{g}:probe'
/** Where it is said that there is a new session. */
export const CREATED = 'm:{g}:created'

/** Where a process says something to itself, to know that it hears. */
export function nodeChannel(node: string): string {
  return `m:{g}:node:${node}`
}

/** Which session was made by a creation that may be repeated. */
export function markKey(id: string): string {
  return `m:{g}:mark:${id}`
}

/** Where it is said of sessions that there are new entries. */
export const BUCKET_CHANNELS: readonly string[] = Array.from({ length: BUCKETS }, (_, bucket) =>
  channelOf(bucket),
)

export function keysOf(id: SessionId): SessionKeys {
  const channel = channelOf(bucketOf(id))
  const prefix = `${channel}:${id}`
  return { log: `${prefix}:log`, snap: `${prefix}:snap`, channel }
}

function bucketOf(id: SessionId): number {
  return Number.parseInt(hash('sha1', id).slice(0, 2), 16) % BUCKETS
}

function channelOf(bucket: number): string {
  return `m:{${String(bucket).padStart(2, '0')}}`
}
