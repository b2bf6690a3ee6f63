import { hasCard } from '../deck.js'
import { participantOf, type SessionContext } from './context.js'
import { HISTORY_ROUNDS_MAX } from './history.js'
import { STORIES_MAX } from './story.js'

/**
 * What must hold in every state of a session, after any command.
 * @returns a description of the first broken invariant, or `null`
 */
export function brokenInvariant(context: SessionContext): string | null {
  const { participants, round, settings } = context
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
  return brokenEstimation(context) ?? brokenNumbering(context)
}

/** What must hold of rounds, stories and the history. */
function brokenEstimation({
  round,
  history,
  participants,
  seatCodes,
  nudges,
  stories,
  events,
}: SessionContext) {
  if (round !== null) {
    if (new Set(round.votes.map((vote) => vote.userId)).size !== round.votes.length)
      return 'a voter has two votes'
    if (!round.votes.every((vote) => hasCard(round.deck, vote.value))) return 'a card that is not in the deck'
    if (round.statistics !== null && round.voterNames.length !== round.votes.length)
      return 'a vote without a name'
  }
  const hasNewStories = events.some(({ type }) => type === 'stories_updated')
  if (hasNewStories && stories.length > STORIES_MAX) return 'more stories than there may be'
  if (hasNewStories && new Set(stories.map((story) => story.id)).size !== stories.length) {
    return 'a story is listed twice'
  }
  if (history.length > HISTORY_ROUNDS_MAX) return 'more history than there may be'
  if (seatCodes.length > participants.length || nudges.length > participants.length) {
    return 'a seat code or a nudge of somebody who is not in the session'
  }
  return null
}

function brokenNumbering({ version, events }: SessionContext): string | null {
  if (events.some((event, index) => event.version !== version - events.length + index + 1)) {
    return 'versions do not rise by one'
  }
  return null
}
