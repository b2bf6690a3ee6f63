import type { UserId } from '../ids.js'
import type { SessionContext } from './context.js'

/** Whether the Scrum Master is online. */
export function isLeaderOnline(context: SessionContext): boolean {
  return context.participants.some(({ id, isOnline }) => id === context.scrumMasterId && isOnline)
}

/** Whether the Scrum Master is away and there is another participant, online or not, to wait for them. */
export function isLeaderMissed(context: SessionContext): boolean {
  return context.participants.length > 1 && !isLeaderOnline(context)
}

/**
 * Whether the votes may be revealed automatically: the rules say so, there is a card, every online voter has
 * voted, and the session is not waiting for the Scrum Master.
 */
export function isEverybodyIn(context: SessionContext): boolean {
  const { rules, round, participants } = context
  if (!rules.revealsItself || round === null || round.votes.length === 0 || isLeaderMissed(context))
    return false
  return participants.every(
    ({ id, role, isOnline }) =>
      role === 'observer' || !isOnline || round.votes.some((vote) => vote.userId === id),
  )
}

/** Whether anybody at all is online. */
export function isAnyoneOnline(context: SessionContext): boolean {
  return context.participants.some((participant) => participant.isOnline)
}

/**
 * Who leads when the Scrum Master no longer does: of the others the online participant who joined
 * first, and where nobody is online, whoever joined first.
 * @returns `undefined` when there is nobody else
 */
export function successorOf(context: SessionContext): UserId | undefined {
  const others = context.participants.filter((participant) => participant.id !== context.scrumMasterId)
  return (others.find((participant) => participant.isOnline) ?? others[0])?.id
}
