import type { UserId } from '../ids.js'
import type { SessionCommandOf } from './commands.js'
import type { SessionContext } from './context.js'
import { participantOf } from './context.js'
import type { SyncStrategy } from './events.js'
import { withLeader } from './leadership.js'
import { withDrop, withoutDrop } from './partition.js'
import { accept, observe, record } from './record.js'
import { successorOf } from './succession.js'

/** Somebody takes a seat; nobody had to have a stream yet to count as online. */
export function join(context: SessionContext, command: SessionCommandOf<'participant.join'>): SessionContext {
  const { userId: id, name, avatar } = command
  const next = accept(context, command.at)
  const newcomer = { id, name, avatar, joinedAt: next.now, isOnline: true }
  return record(
    { ...next, participants: [...next.participants, newcomer] },
    { type: 'user_joined', userId: id, reconnected: false, strategy: null },
  )
}

/** Somebody leaves of their own will; whoever led hands over at once. */
export function leave(
  context: SessionContext,
  command: SessionCommandOf<'participant.leave'>,
): SessionContext {
  return remove(accept(context, command.at), command.by, 'left')
}

/** The Scrum Master sends somebody away. */
export function kick(context: SessionContext, command: SessionCommandOf<'participant.kick'>): SessionContext {
  return remove(accept(context, command.at), command.userId, 'kicked')
}

/** The last stream of a participant is gone for longer than a page refresh takes. */
export function drop(context: SessionContext, command: SessionCommandOf<'presence.lost'>): SessionContext {
  const next = observe(context, command.at)
  if (participantOf(next, command.userId)?.isOnline !== true) return next
  const dropped = record(withOnline(next, command.userId, false), {
    type: 'user_disconnected',
    userId: command.userId,
  })
  return withDrop(dropped, command.userId)
}

/** A participant's stream is there again. */
export function comeBack(
  context: SessionContext,
  command: SessionCommandOf<'presence.restored'>,
): SessionContext {
  return markBack(observe(context, command.at), command.userId, null)
}

/** A participant asked for what they missed; it makes no event if they were online all along. */
export function reconnect(
  context: SessionContext,
  command: SessionCommandOf<'participant.reconnect'>,
): SessionContext {
  return markBack(accept(context, command.at), command.by, command.strategy)
}

/** Makes a participant who was away online again, with `user_joined`. Nothing for one who was not away. */
export function markBack(
  context: SessionContext,
  userId: UserId,
  strategy: SyncStrategy | null,
): SessionContext {
  if (participantOf(context, userId)?.isOnline !== false) return context
  const back = record(withOnline(context, userId, true), {
    type: 'user_joined',
    userId,
    reconnected: true,
    strategy,
  })
  return withoutDrop(back, userId)
}

function withOnline(context: SessionContext, userId: UserId, isOnline: boolean): SessionContext {
  const participants = context.participants.map((participant) =>
    participant.id === userId ? { ...participant, isOnline } : participant,
  )
  return { ...context, participants }
}

/** A vote that was not revealed goes with its voter; one that was stays in the round. */
function remove(context: SessionContext, userId: UserId, reason: 'left' | 'kicked'): SessionContext {
  const successor = context.scrumMasterId === userId ? successorOf(context) : undefined
  const { round } = context
  const without: SessionContext = {
    ...context,
    participants: context.participants.filter((participant) => participant.id !== userId),
    mobile: context.mobile.filter((profile) => profile.userId !== userId),
    round:
      round === null || round.revealedAt !== null
        ? round
        : { ...round, votes: round.votes.filter((vote) => vote.userId !== userId) },
  }
  const left = record(without, { type: 'user_left', userId, reason })
  return withoutDrop(successor === undefined ? left : withLeader(left, successor.id, 'left'), userId)
}
