import type { EpochMs, SessionId } from '../ids.js'

/** What the supervisor needs to know of a session to judge whether it is deserted. */
export interface SessionCensus {
  readonly id: SessionId
  /** Since when nobody is online in it; `null`: somebody is. */
  readonly emptySince: EpochMs | null
}

export interface AdmissionLimits {
  /** Concurrent sessions at most. */
  readonly sessionsMax: number
  /** Of these, those that one address may have created; 0: any number. */
  readonly sessionsPerAddressMax: number
  /** With nobody present for this long a session gives its place away when it is needed; 0: never. */
  readonly desertedMs: number
}

export interface AdmissionRefusal {
  readonly code: 'MAX_SESSIONS_REACHED' | 'ROOM_TAKEN' | 'SERVICE_UNAVAILABLE'
  readonly detail: string
  readonly facts: {
    readonly sessions?: number
    readonly sessionsMax?: number
    /** Who has the room. */
    readonly sessionId?: SessionId
  }
}

/** Where the sessions stand when one more asks for a place. */
export interface Occupancy {
  /** The session that has the room which is wanted; `null`: it is free, or none is wanted. */
  readonly inRoom: SessionId | null
  readonly active: number
  /** Those that the asking address has created. */
  readonly ofAddress: number
  /** The session that can give its place; `null`: none. Asked for only at the cap. */
  readonly deserted: SessionId | null
}

/**
 * Whether one more session finds a place. That its room is taken comes before everything else.
 * @returns the session that gives its place, `null` when a place is free, or a refusal
 */
export function admission(
  { sessionsMax, sessionsPerAddressMax }: AdmissionLimits,
  { inRoom, active, ofAddress, deserted }: Occupancy,
): { readonly evicted: SessionId | null } | AdmissionRefusal {
  if (inRoom !== null) {
    return {
      code: 'ROOM_TAKEN',
      detail: 'There is already a session in this room.',
      facts: { sessionId: inRoom },
    }
  }
  if (sessionsPerAddressMax > 0 && ofAddress >= sessionsPerAddressMax) {
    return refused(
      ofAddress,
      sessionsPerAddressMax,
      `Your address has reached its limit of open sessions (${sessionsPerAddressMax}).`,
    )
  }
  if (active < sessionsMax) return { evicted: null }
  if (deserted !== null) return { evicted: deserted }
  return refused(active, sessionsMax, `This server has reached its limit of sessions (${sessionsMax}).`)
}

/**
 * The session in which nobody was present for longest, and for {@link AdmissionLimits.desertedMs} at least.
 * @returns `null` when there is none, or when none ever gives its place
 */
export function desertedLongest(
  { desertedMs }: Pick<AdmissionLimits, 'desertedMs'>,
  sessions: Iterable<SessionCensus>,
  at: EpochMs,
): SessionId | null {
  if (desertedMs === 0) return null
  let longest: { readonly id: SessionId; readonly since: EpochMs } | null = null
  for (const { id, emptySince } of sessions) {
    if (emptySince === null || emptySince > at - desertedMs) continue
    if (longest === null || emptySince < longest.since) longest = { id, since: emptySince }
  }
  return longest?.id ?? null
}

function refused(count: number, max: number, detail: string): AdmissionRefusal {
  return { code: 'MAX_SESSIONS_REACHED', detail, facts: { sessions: count, sessionsMax: max } }
}
