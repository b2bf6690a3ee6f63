import type { Card } from '../card.js'
import type { EpochMs, RoundId, UserId } from '../ids.js'
import type { EndReason, SyncStrategy } from './events.js'
import type { MobileProfile } from './mobile.js'

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
    | ({ readonly type: 'participant.reconnect'; readonly strategy: SyncStrategy } & By)
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
  (
    | { readonly type: 'presence.lost'; readonly userId: UserId }
    | { readonly type: 'presence.restored'; readonly userId: UserId }
    /** Ends the session whatever its status: deserted at the cap, or its actor failed too often. */
    | { readonly type: 'session.terminate'; readonly reason: Extract<EndReason, 'deserted' | 'failed'> }
    /** Sets every running timer anew from its absolute deadline: after a restore, and when the clock jumped. */
    | { readonly type: 'timers.rearm' }
  )

/**
 * Everything that a session's actor is sent. A command carries its time and any new ids, so that
 * the same commands always give the same snapshots.
 */
export type SessionCommand = PersonCommand | ServerCommand

export type SessionCommandOf<Type extends SessionCommand['type']> = Extract<SessionCommand, { type: Type }>
