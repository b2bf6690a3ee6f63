import type { Participant, SessionContext } from './context.js'
import { participantOf } from './context.js'

/** Whether the Scrum Master is online. */
export function isLeaderOnline(context: SessionContext): boolean {
  return participantOf(context, context.scrumMasterId)?.isOnline === true
}

/** The Scrum Master is away and someone is there, or listed, to wait for them. */
export function isLeaderMissed(context: SessionContext): boolean {
  return context.participants.length > 1 && !isLeaderOnline(context)
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
export function successorOf(context: SessionContext): Participant | undefined {
  const others = context.participants.filter((participant) => participant.id !== context.scrumMasterId)
  return others.find((participant) => participant.isOnline) ?? others[0]
}
