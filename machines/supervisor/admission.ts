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
  /** With nobody present for this long a session gives its place away when it is needed; 0: never. */
  readonly desertedMs: number
}

export interface AdmissionRefusal {
  readonly code: 'MAX_SESSIONS_REACHED'
  readonly detail: string
  readonly context: { readonly max_sessions: number }
}

/**
 * Whether one more session finds a place.
 * @returns the session that gives its place (the one deserted longest), `null` when a place is free, or a refusal
 */
export function admission(
  { sessionsMax, desertedMs }: AdmissionLimits,
  sessions: readonly SessionCensus[],
  at: EpochMs,
): { readonly evicted: SessionId | null } | AdmissionRefusal {
  if (sessions.length < sessionsMax) return { evicted: null }
  const evicted = desertedMs === 0 ? null : desertedLongest(sessions, at - desertedMs)
  if (evicted !== null) return { evicted }
  return {
    code: 'MAX_SESSIONS_REACHED',
    detail: `This server holds ${sessionsMax} sessions at a time, and all of them are in use.`,
    context: { max_sessions: sessionsMax },
  }
}

/** The session in which nobody was present for longest, if that is since `latest` or before. */
function desertedLongest(sessions: readonly SessionCensus[], latest: EpochMs): SessionId | null {
  let longest: { readonly id: SessionId; readonly since: EpochMs } | null = null
  for (const { id, emptySince } of sessions) {
    if (emptySince === null || emptySince > latest) continue
    if (longest === null || emptySince < longest.since) longest = { id, since: emptySince }
  }
  return longest?.id ?? null
}
