import type { EpochMs, SessionId } from '../ids.js'

/** What the supervisor needs to know of a session to judge whether it is deserted. */
export interface SessionCensus {
  readonly id: SessionId
  readonly lastActivityAt: EpochMs
  /** Somebody has a stream open on it, watchers included. */
  readonly isWatched: boolean
}

export interface AdmissionLimits {
  /** Concurrent sessions at most. */
  readonly sessionsMax: number
  /** Without a stream and a command for this long a session gives its place away when it is needed. */
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
  const deserted = sessions
    .filter((session) => !session.isWatched && at - session.lastActivityAt >= desertedMs)
    .sort((one, other) => one.lastActivityAt - other.lastActivityAt)
  const [first] = deserted
  if (first !== undefined) return { evicted: first.id }
  return {
    code: 'MAX_SESSIONS_REACHED',
    detail: `This server holds ${sessionsMax} sessions at a time, and all of them are in use.`,
    context: { max_sessions: sessionsMax },
  }
}
