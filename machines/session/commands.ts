import type { Card } from '../card.js'
import type { EpochMs, NodeId, RoundId, UserId } from '../ids.js'
import type { EndReason } from './events.js'
import type { MobileProfile } from './mobile.js'
import type { KnownState } from './sync-strategy.js'

interface At {
  /** When the command was accepted. */
  readonly at: EpochMs
}

interface By {
  /** The participant whose command it is. */
  readonly by: UserId
}

/** Commands that a person gives; each accepted one restarts the idle timer. */
export type PersonCommand = At &
  (
    | {
        readonly type: 'participant.join'
        readonly userId: UserId
        readonly name: string
        readonly avatar: string
      }
    | ({ readonly type: 'participant.leave' } & By)
    | ({ readonly type: 'participant.kick'; readonly userId: UserId } & By)
    | ({ readonly type: 'participant.reconnect'; readonly known: KnownState | null } & By)
    | ({ readonly type: 'leadership.transfer'; readonly to: UserId } & By)
    | ({ readonly type: 'round.start'; readonly roundId: RoundId } & By)
    | ({ readonly type: 'vote.cast'; readonly value: Card } & By)
    | ({ readonly type: 'round.reveal' } & By)
    | ({ readonly type: 'session.pause' } & By)
    | ({ readonly type: 'session.resume' } & By)
    | ({ readonly type: 'session.extend' } & By)
    | ({ readonly type: 'session.end' } & By)
    | ({ readonly type: 'mobile.optimize'; readonly profile: MobileProfile } & By)
  )

/** Commands that the server itself gives; they leave the idle timer alone. */
export type ServerCommand = At &
  /** So many of their streams are open on this node now. A level: telling it twice changes nothing. */
  (
    | {
        readonly type: 'presence.streams'
        readonly userId: UserId
        readonly node: NodeId
        readonly open: number
      }
    /** They gave a sign of life: a request that proves who they are. */
    | { readonly type: 'presence.seen'; readonly userId: UserId }
    /** They called the heartbeat endpoint and will again within the lease. */
    | { readonly type: 'presence.heartbeat'; readonly userId: UserId; readonly leaseMs: number }
    /** Ends the session whatever its status: deserted at the cap, or its actor failed too often. */
    | { readonly type: 'session.terminate'; readonly reason: Extract<EndReason, 'deserted' | 'failed'> }
    /** Everything that was due by now has fired, each at its time. */
    | { readonly type: 'tick' }
  )

/**
 * Everything that a session's actor is sent. A command carries its time and any new ids, so that
 * the same commands always give the same snapshots.
 */
export type SessionCommand = PersonCommand | ServerCommand

export type SessionCommandOf<Type extends SessionCommand['type']> = Extract<SessionCommand, { type: Type }>
