import { hash } from 'node:crypto'
import type { SessionId } from '../../../machines/ids.js'

/** Sessions are spread over this many cluster slots; a session's keys share one, as scripts require. */
export const BUCKETS = 64

/** The keys of one session. */
export interface SessionKeys {
  /** A stream: the entries since the snapshot. */
  readonly log: string
  /** The session at the place before these entries. */
  readonly snap: string
  /** Where new entries are announced. */
  readonly channel: string
}

/** The sessions that are not over, by creation time. */
export const LIVE = 'm:{g}:live'
/** Those that are over, by the time they ended. */
export const ENDED = 'm:{g}:ended'
/** Which session has which room. */
export const ROOMS = 'm:{g}:rooms'
/** The processes, by when the lease of each expires. */
export const NODES = 'm:{g}:nodes'
/** Written to see whether writes are accepted again, or to confirm where this connection's writes are. */
export const PROBE = 'm:{g}:probe'
/** Where new sessions are announced. */
export const CREATED = 'm:{g}:created'

/** Where a process sends messages to itself, to know that it still hears. */
export function nodeChannel(node: string): string {
  return `m:{g}:node:${node}`
}

/** The session that a repeatable creation made. */
export function markKey(id: string): string {
  return `m:{g}:mark:${id}`
}

/** Where new entries of sessions are announced. */
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
