import type { Card } from '../card.js'
import type { EpochMs, RoundId, StoryId, UserId, Version } from '../ids.js'
import type { Role } from './role.js'
import type { KnownState } from './sync-strategy.js'

export type EndReason = 'timeout' | 'ended' | 'empty' | 'deserted' | 'life_over' | 'failed'

export type GraceEndReason =
  | 'scrum_master_returned'
  | 'scrum_master_changed'
  | 'grace_period_expired'
  | 'nobody_waiting'

export type SuccessionReason = 'transferred' | 'left' | 'grace_period_expired' | 'returned'

/** What changed in the list of stories; the stories themselves are in the snapshot. */
export interface StoriesUpdated {
  readonly type: 'stories_updated'
  /** At the end of the list, in this order. */
  readonly added: readonly StoryId[]
  readonly changed: readonly StoryId[]
  readonly removed: readonly StoryId[]
  /** Whether their order has changed. */
  readonly isReordered: boolean
}

/**
 * What happened, without what the snapshot of the same step already contains: the wire's data is projected
 * from both when the event is published. It never contains a vote's value.
 */
export type EventBody =
  | { readonly type: 'session_updated'; readonly reason: 'extended' | 'settings' }
  | {
      readonly type: 'user_joined'
      readonly userId: UserId
      readonly reconnected: boolean
      /** `null`: they did not ask for a sync. */
      readonly sync: { readonly known: KnownState | null; readonly wasCutOff: boolean } | null
    }
  | { readonly type: 'user_left'; readonly userId: UserId; readonly reason: 'left' | 'kicked' }
  | { readonly type: 'user_disconnected'; readonly userId: UserId }
  | { readonly type: 'voting_started'; readonly roundId: RoundId }
  | { readonly type: 'vote_submitted'; readonly userId: UserId }
  | { readonly type: 'vote_withdrawn'; readonly userId: UserId }
  | { readonly type: 'vote_changed'; readonly roundId: RoundId; readonly userId: UserId }
  | { readonly type: 'round_extended'; readonly roundId: RoundId }
  | { readonly type: 'round_timer_ended'; readonly roundId: RoundId }
  | {
      readonly type: 'estimate_accepted'
      readonly roundId: RoundId
      readonly storyId: StoryId | null
      readonly estimate: Card
    }
  | StoriesUpdated
  | { readonly type: 'role_changed'; readonly userId: UserId; readonly role: Role }
  | { readonly type: 'user_nudged'; readonly userId: UserId; readonly by: UserId }
  | { readonly type: 'votes_revealed'; readonly roundId: RoundId }
  | { readonly type: 'round_completed'; readonly roundId: RoundId; readonly durationMs: number }
  | { readonly type: 'session_paused'; readonly reason: 'scrum_master' | 'grace_period_expired' }
  | { readonly type: 'session_resumed' }
  | {
      readonly type: 'session_expiring'
      readonly expiresAt: EpochMs
      readonly reason: Extract<EndReason, 'timeout' | 'life_over'>
    }
  | { readonly type: 'session_expired'; readonly reason: EndReason }
  | {
      readonly type: 'scrum_master_changed'
      readonly previousId: UserId
      readonly scrumMasterId: UserId
      readonly reason: SuccessionReason
    }
  | {
      readonly type: 'grace_period_started'
      readonly scrumMasterId: UserId
      readonly graceMs: number
      readonly expiresAt: EpochMs
    }
  | { readonly type: 'grace_period_warning'; readonly remainingMs: number }
  | { readonly type: 'grace_period_ended'; readonly reason: GraceEndReason; readonly resumed: boolean }
  | { readonly type: 'mobile_optimization_applied'; readonly userId: UserId }
  | {
      readonly type: 'network_partition_detected'
      readonly detectedAt: EpochMs
      /** `null`: it has just been detected. */
      readonly endedAt: EpochMs | null
      readonly affected: readonly UserId[]
    }

/** A numbered fact: `version` is the version that it produced, one above the previous event's. */
export type SessionEvent = { readonly version: Version; readonly at: EpochMs } & EventBody

export type SessionEventOf<Type extends SessionEvent['type']> = Extract<SessionEvent, { type: Type }>
