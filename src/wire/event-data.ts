import type { SessionContext } from '../../machines/session/context.js'
import { participantOf } from '../../machines/session/context.js'
import type {
  EndReason,
  GraceEndReason,
  SessionEvent,
  SessionEventOf,
  SuccessionReason,
} from '../../machines/session/events.js'
import { type SessionSnapshot, statusOf } from '../../machines/session/machine.js'
import { syncStrategy } from '../../machines/session/sync-strategy.js'
import type { EventData } from './events.js'
import { iso, mobileOf, publicSession, roundOf, statisticsViewOf, userOf } from './project.js'

const MINUTE_MS = 60_000

const END_MESSAGES: Readonly<Record<EndReason, string>> = {
  timeout: 'Nobody did anything for a while, so the session has ended.',
  ended: 'The Scrum Master has ended the session.',
  empty: 'Everybody has left, so the session has ended.',
  deserted: 'Nobody was here any more, and the place was needed.',
  life_over: 'The session has lasted as long as a session may.',
  failed: 'The session failed too often and had to be ended.',
}

const SUCCESSION_MESSAGES: Readonly<Record<SuccessionReason, string>> = {
  transferred: 'The Scrum Master has handed the role over.',
  left: 'The Scrum Master has left; another leads now.',
  grace_period_expired: 'The Scrum Master did not come back in time; another leads now.',
  returned: 'The first to come back leads now.',
}

const GRACE_END_MESSAGES: Readonly<Record<GraceEndReason, string>> = {
  scrum_master_returned: 'The Scrum Master is back.',
  scrum_master_changed: 'Another leads now.',
  grace_period_expired: 'The time for coming back is over.',
  nobody_waiting: 'Nobody is left to wait for the Scrum Master.',
}

/** The state in which an event left the session; its checksum is computed only if somebody asks. */
export interface After {
  readonly snapshot: SessionSnapshot
  readonly checksum: () => string
}

/**
 * The `data` of an event (contract section 6), from what happened and the public view of the state
 * after it.
 */
export function eventData(event: SessionEvent, after: After): EventData<SessionEvent['type']> {
  const { context } = after.snapshot
  switch (event.type) {
    case 'session_updated':
      return { session: publicSession(after.snapshot, after.checksum()), reason: event.reason }
    case 'session_resumed':
      return { status: statusOf(after.snapshot) }
    case 'grace_period_ended':
      return {
        reason: event.reason,
        session_resumed: event.resumed,
        status: statusOf(after.snapshot),
        message: GRACE_END_MESSAGES[event.reason],
      }
    case 'user_joined':
    case 'user_left':
    case 'user_disconnected':
    case 'mobile_optimization_applied':
      return participantData(event, after)
    case 'voting_started':
    case 'vote_submitted':
    case 'votes_revealed':
    case 'round_completed':
      return roundData(event, context)
    case 'network_partition_detected':
      return {
        detected_at: iso(event.detectedAt),
        affected_clients: [...event.affected],
        recovery_strategy: 'full_resync',
        success: event.endedAt !== null,
      }
    default:
      return lifecycleData(event)
  }
}

type ParticipantEvent = SessionEventOf<
  'user_joined' | 'user_left' | 'user_disconnected' | 'mobile_optimization_applied'
>

function participantData(
  event: ParticipantEvent,
  { snapshot: { context }, checksum }: After,
): EventData<ParticipantEvent['type']> {
  const { userId: user_id } = event
  switch (event.type) {
    case 'user_joined': {
      const user = userOf(assertFound(participantOf(context, user_id)))
      const data = { user_id, user, reconnected: event.reconnected }
      if (event.sync === null) return data
      const { known, wasCutOff } = event.sync
      const server = { version: context.version, checksum: known?.checksum == null ? '' : checksum() }
      return { ...data, sync_strategy: syncStrategy(known, server, wasCutOff) }
    }
    case 'user_left':
      return { user_id, reason: event.reason }
    case 'user_disconnected':
      return { user_id }
    case 'mobile_optimization_applied': {
      const profile = assertFound(context.mobile.find((other) => other.userId === user_id))
      return { user_id, optimizations: mobileOf(profile) }
    }
    default:
      return unreachable(event)
  }
}

type RoundEvent = SessionEventOf<'voting_started' | 'vote_submitted' | 'votes_revealed' | 'round_completed'>

function roundData(event: RoundEvent, context: SessionContext): EventData<RoundEvent['type']> {
  const round = assertFound(context.round)
  switch (event.type) {
    case 'voting_started':
      return { round_id: round.id, started_at: iso(round.startedAt) }
    case 'vote_submitted':
      return {
        user_id: event.userId,
        submitted_at: iso(event.at),
        votes_cast: round.votes.length,
        participants: context.participants.length,
      }
    case 'votes_revealed':
      return {
        round_id: round.id,
        votes: roundOf(round).votes,
        statistics: statisticsViewOf(assertFound(round.statistics)),
      }
    case 'round_completed':
      return {
        round_id: round.id,
        statistics: statisticsViewOf(assertFound(round.statistics)),
        duration_seconds: event.durationMs / 1000,
      }
    default:
      return unreachable(event)
  }
}

type LifecycleEvent = SessionEventOf<
  | 'session_paused'
  | 'session_expiring'
  | 'session_expired'
  | 'scrum_master_changed'
  | 'grace_period_started'
  | 'grace_period_warning'
>

function lifecycleData(event: LifecycleEvent): EventData<LifecycleEvent['type']> {
  switch (event.type) {
    case 'session_paused':
      return {
        reason: event.reason,
        message:
          event.reason === 'scrum_master'
            ? 'The Scrum Master has paused the session.'
            : 'Nobody is here; the session waits for the first to come back.',
      }
    case 'session_expiring':
      return { expires_at: iso(event.expiresAt), reason: event.reason }
    case 'session_expired':
      return { reason: event.reason, message: END_MESSAGES[event.reason] }
    case 'scrum_master_changed':
      return {
        previous_scrum_master_id: event.previousId,
        scrum_master_id: event.scrumMasterId,
        reason: event.reason,
        message: SUCCESSION_MESSAGES[event.reason],
      }
    case 'grace_period_started':
      return {
        disconnected_scrum_master_id: event.scrumMasterId,
        grace_period_minutes: event.graceMs / MINUTE_MS,
        expires_at: iso(event.expiresAt),
        message: 'The Scrum Master is away; the session waits for them.',
      }
    case 'grace_period_warning':
      return {
        minutes_remaining: event.remainingMs / MINUTE_MS,
        message: 'The time for the Scrum Master to come back is running out.',
      }
    default:
      return unreachable(event)
  }
}

/** What the chart guarantees to be there; its absence is a fault of the state, not of a client. */
function assertFound<T>(value: T | null | undefined): T {
  if (value === null || value === undefined)
    throw new Error('an event names something that its state does not hold')
  return value
}

function unreachable(event: never): never {
  throw new Error(`an event that nothing projects: ${JSON.stringify(event)}`)
}
