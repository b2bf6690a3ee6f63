import type { EpochMs, SessionId } from '../ids.js'

/** What the supervisor needs to know about a session to decide whether it is deserted. */
export interface SessionCensus {
  readonly id: SessionId
  /** Since when nobody is online in it; `null`: somebody is. */
  readonly emptySince: EpochMs | null
}

export interface AdmissionLimits {
  /** The maximum number of concurrent sessions. */
  readonly sessionsMax: number
  /** How many of these one address may have created; 0: any number. */
  readonly sessionsPerAddressMax: number
  /** A session with nobody present for this long gives up its slot when it is needed; 0: never. */
  readonly desertedMs: number
}

export interface AdmissionRefusal {
  readonly code: 'MAX_SESSIONS_REACHED' | 'ROOM_TAKEN' | 'SERVICE_UNAVAILABLE'
  readonly detail: string
  readonly facts: {
    readonly sessions?: number
    readonly sessionsMax?: number
    /** The session in the room. */
    readonly sessionId?: SessionId
  }
}

/** The occupancy when another session asks for a slot. */
export interface Occupancy {
  /** The session in the requested room; `null`: the room is free, or none is requested. */
  readonly inRoom: SessionId | null
  readonly active: number
  /** Sessions created by the requesting address. */
  readonly ofAddress: number
  /** The session that can give up its slot; `null`: none. Evaluated only at the limit. */
  readonly deserted: SessionId | null
}

/**
 * Whether there is a slot for another session. A taken room is checked before everything else.
 * @returns the session that gives up its slot, `null` when one is free, or a refusal
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
 * The session that has been empty longest, and for at least {@link AdmissionLimits.desertedMs}.
 * @returns `null` when there is none, or when sessions never give up their slot
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
