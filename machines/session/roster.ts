import type { UserId } from '../ids.js'
import type { SessionCommandOf } from './commands.js'
import { newcomer, type SessionContext, signOfLifeMs } from './context.js'
import { withLeader } from './leadership.js'
import { isCutOff, withoutDrop } from './partition.js'
import { attended, shown } from './presence.js'
import { accept, record } from './record.js'
import { withoutSeatCodesOf } from './seat-codes.js'
import { semanticsOf } from './semantics.js'
import { successorOf } from './succession.js'

/** Somebody takes a seat. */
export function join(context: SessionContext, command: SessionCommandOf<'participant.join'>): SessionContext {
  const { userId: id, name, avatar, role = 'voter' } = command
  const next = accept(context, command.at)
  const joined: SessionContext = {
    ...next,
    participants: [...next.participants, newcomer({ id, name, avatar, role }, next.now, next.settings)],
  }
  return record(semanticsOf(joined) === 1 ? joined : attended(joined), {
    type: 'user_joined',
    userId: id,
    reconnected: false,
    sync: null,
  })
}

/** Somebody leaves voluntarily; a leader hands over at once. */
export function leave(
  context: SessionContext,
  command: SessionCommandOf<'participant.leave'>,
): SessionContext {
  return remove(accept(context, command.at), command.by, 'left')
}

/** The Scrum Master removes somebody. */
export function kick(context: SessionContext, command: SessionCommandOf<'participant.kick'>): SessionContext {
  return remove(accept(context, command.at), command.userId, 'kicked')
}

/** A participant asks for what they missed; this produces no event if they were online all along. */
export function reconnect(
  context: SessionContext,
  { at, by, known }: SessionCommandOf<'participant.reconnect'>,
): SessionContext {
  const next = accept(context, at)
  const sync = { known, wasCutOff: isCutOff(next, by) }
  return shown(next, by, next.now + signOfLifeMs(next.settings), sync)
}

/** An unrevealed vote leaves with its voter; a revealed one stays in the round. */
function remove(context: SessionContext, userId: UserId, reason: 'left' | 'kicked'): SessionContext {
  const successor = context.scrumMasterId === userId ? successorOf(context) : undefined
  const { round } = context
  const without: SessionContext = {
    ...context,
    participants: context.participants.filter((participant) => participant.id !== userId),
    heirs: context.heirs.filter((id) => id !== userId),
    mobile: context.mobile.filter((profile) => profile.userId !== userId),
    seatCodes: withoutSeatCodesOf(context.seatCodes, userId),
    nudges: context.nudges.filter((nudge) => nudge.userId !== userId),
    round:
      round === null || round.revealedAt !== null
        ? round
        : { ...round, votes: round.votes.filter((vote) => vote.userId !== userId) },
  }
  const left = record(attended(without), { type: 'user_left', userId, reason })
  return withoutDrop(withLeader(left, successor, 'left'), userId)
}
