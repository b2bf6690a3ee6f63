import { participantOf, type SessionContext } from './context.js'

/**
 * What must hold in every state of a session, whatever was commanded.
 * @returns a description of the first invariant that is broken, or `null`
 */
export function brokenInvariant(context: SessionContext): string | null {
  const { participants, round, settings, version, events } = context
  const ids = new Set(participants.map((participant) => participant.id))
  if (ids.size !== participants.length) return 'a participant is listed twice'
  if (participants.length > settings.participantsMax) return 'more participants than seats'
  if (participantOf(context, context.scrumMasterId) === undefined)
    return 'the Scrum Master is not a participant'
  if (round !== null && round.revealedAt === null && round.votes.some((vote) => !ids.has(vote.userId))) {
    return 'a hidden vote belongs to nobody in the session'
  }
  if ((round?.revealedAt == null) !== (round?.statistics == null))
    return 'statistics without a reveal, or the reverse'
  if (events.some((event, index) => event.version !== version - events.length + index + 1)) {
    return 'versions do not rise by one'
  }
  return null
}
