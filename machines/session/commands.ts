import type { Card } from '../card.js'
import type { EpochMs, NodeId, RoundId, StoryId, TokenDigest, UserId, Version } from '../ids.js'
import type { EndReason } from './events.js'
import type { MobileProfile } from './mobile.js'
import type { Role } from './role.js'
import type { SessionRules } from './rules.js'
import type { StoryDraft, StoryPatch } from './story.js'
import type { KnownState } from './sync-strategy.js'

interface At {
  /** When the command was accepted. */
  readonly at: EpochMs
}

interface By {
  /** The participant who gives the command. */
  readonly by: UserId
}

/** Commands given by people; each accepted one restarts the idle timer. */
export type PersonCommand = At &
  (
    | {
        readonly type: 'participant.join'
        readonly userId: UserId
        readonly name: string
        readonly avatar: string
        readonly role?: Role
        /**
         * The digest of the token that will prove their identity: every process that executes the command can
         * then recognise them.
         */
        readonly tokenDigest: TokenDigest
      }
    | ({ readonly type: 'participant.leave' } & By)
    | ({ readonly type: 'participant.kick'; readonly userId: UserId } & By)
    | ({ readonly type: 'participant.reconnect'; readonly known: KnownState | null } & By)
    | ({ readonly type: 'leadership.transfer'; readonly to: UserId } & By)
    /** `story`: one of the list, a new one, or none. */
    | ({
        readonly type: 'round.start'
        readonly roundId: RoundId
        readonly story?: { readonly id: StoryId } | { readonly draft: StoryDraft }
      } & By)
    | ({ readonly type: 'vote.cast'; readonly value: Card } & By)
    | ({ readonly type: 'vote.withdraw' } & By)
    | ({ readonly type: 'round.reveal' } & By)
    | ({ readonly type: 'round.extend'; readonly ms: number } & By)
    | ({ readonly type: 'round.accept'; readonly estimate: Card } & By)
    | ({ readonly type: 'settings.change'; readonly wish: Partial<SessionRules> } & By)
    | ({ readonly type: 'role.change'; readonly userId: UserId; readonly role: Role } & By)
    | ({ readonly type: 'stories.add'; readonly drafts: readonly StoryDraft[] } & By)
    | ({ readonly type: 'stories.patch'; readonly storyId: StoryId; readonly patch: StoryPatch } & By)
    | ({ readonly type: 'stories.remove'; readonly storyId: StoryId } & By)
    | ({ readonly type: 'stories.order'; readonly storyIds: readonly StoryId[] } & By)
    | ({ readonly type: 'participant.nudge'; readonly userId: UserId } & By)
    /** A seat code was given to this participant. */
    | ({ readonly type: 'seat.offer'; readonly digest: string } & By)
    /** Somebody presented this participant's code and now has a token for the seat. */
    | ({ readonly type: 'seat.take'; readonly digest: string; readonly tokenDigest: TokenDigest } & By)
    | ({ readonly type: 'session.pause' } & By)
    | ({ readonly type: 'session.resume' } & By)
    | ({ readonly type: 'session.extend' } & By)
    | ({ readonly type: 'session.end' } & By)
    | ({ readonly type: 'mobile.optimize'; readonly profile: MobileProfile } & By)
  )

/** Commands given by the server itself; they leave the idle timer alone. */
export type ServerCommand = At &
  /** How many of their streams are open on this node now. A level: repeating it changes nothing. */
  (
    | {
        readonly type: 'presence.streams'
        readonly userId: UserId
        readonly node: NodeId
        readonly open: number
      }
    /** This node and all streams on it are gone; its participants have this long to come back, in milliseconds. */
    | { readonly type: 'node.lost'; readonly node: NodeId; readonly returnMs?: number }
    /** The log has lost published events up to this version: none of these versions is used again. */
    | { readonly type: 'log.forked'; readonly version: Version }
    /** They gave a sign of life: an authenticated request. */
    | { readonly type: 'presence.seen'; readonly userId: UserId }
    /** They called the heartbeat endpoint, and are expected to call again within the lease. */
    | { readonly type: 'presence.heartbeat'; readonly userId: UserId; readonly leaseMs: number }
    /**
     * Ends the session whatever its status: deserted at the cap, or its actor failed too often. With `emptySince`,
     * only if nobody has been present since exactly then.
     */
    | {
        readonly type: 'session.terminate'
        readonly reason: Extract<EndReason, 'deserted' | 'failed'>
        readonly emptySince?: EpochMs
      }
    /**
     * Fires everything that is due by now, each at its own time. `upTo` is the time as the sender measured it; if
     * that is much earlier, only what was due by then fires: see `firedUntil`.
     */
    | { readonly type: 'tick'; readonly upTo?: EpochMs }
  )

/**
 * Everything sent to a session's actor. A command carries its time and any new ids, so the same commands
 * always produce the same snapshots.
 */
export type SessionCommand = PersonCommand | ServerCommand

export type SessionCommandOf<Type extends SessionCommand['type']> = Extract<SessionCommand, { type: Type }>
