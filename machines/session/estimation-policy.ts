import { hasCard } from '../deck.js'
import type { UserId } from '../ids.js'
import { participantOf } from './context.js'
import type { JudgedCommand, JudgedSession } from './judged.js'
import { nudgeWaitMs } from './nudges.js'
import { type Refusal, refuse } from './refusal.js'
import { concernsOpenRound } from './rules.js'
import { seatOwner } from './seat-codes.js'
import { addRefusal, orderRefusal, patchRefusal, storyRefusal } from './story.js'

/*
 * The part of the policy for contract sections 9 and 10 that is independent of the status: cards, roles,
 * settings, stories, seat codes. Nothing here may depend on the status, but it may depend on whether a round
 * is open.
 */

/** Why a command's subject does not allow it; `null`: it does. */
export function estimationRefusal(context: JudgedSession, command: JudgedCommand): Refusal | null {
  const { rules, stories } = context
  switch (command.type) {
    case 'vote.cast':
      return observerRefusal(context, command.by) ?? cardRefusal(context, command.value)
    case 'vote.withdraw':
      return observerRefusal(context, command.by)
    case 'round.start':
      return command.story === undefined ? null : roundStoryRefusal(context, command.story)
    case 'round.extend':
      return isRoundOpen(context) && context.roundTimers.voting === undefined
        ? refuse('SESSION_STATE_CONFLICT', 'This round has no time limit to extend.')
        : null
    case 'settings.change':
      return isRoundOpen(context) && concernsOpenRound(rules, command.wish ?? {})
        ? refuse(
            'SESSION_STATE_CONFLICT',
            'The deck and anonymity cannot change during an open round; reveal it first.',
          )
        : null
    case 'role.change':
      return roleRefusal(context, command.by, command.userId)
    case 'stories.add':
      return addRefusal(stories, command.drafts ?? [])
    case 'stories.patch':
      return command.storyId === undefined
        ? null
        : patchRefusal(stories, command.storyId, command.patch ?? {})
    case 'stories.remove':
      return command.storyId === undefined ? null : storyRefusal(stories, command.storyId)
    case 'stories.order':
      return command.storyIds === undefined ? null : orderRefusal(stories, command.storyIds)
    case 'participant.nudge':
      return nudgeRefusal(context, command)
    case 'seat.take':
      return seatRefusal(context, command)
    default:
      return null
  }
}

/** Whether a round's cards are face down, even while the session is paused. */
export function isRoundOpen({ round }: JudgedSession): boolean {
  return round !== null && round.revealedAt === null
}

/** Why a revealed card may not be changed. */
export function changeRefusal(context: JudgedSession, by: UserId): Refusal | null {
  const { round, rules } = context
  if (!rules.allowsVoteAfterReveal || round === null || round.isAnonymous) {
    return refuse('VOTING_ERROR', 'The round is already revealed.')
  }
  return round.votes.some((vote) => vote.userId === by)
    ? null
    : refuse('VOTING_ERROR', 'Only those who had a card at the reveal can change it.')
}

function observerRefusal(context: JudgedSession, by: UserId): Refusal | null {
  return context.participants.some(({ id, role }) => id === by && role === 'observer')
    ? refuse('UNAUTHORIZED', 'Observers cannot vote.', { userId: by, requiredRole: 'voter' })
    : null
}

/** An open round keeps its own deck, even if the session's has changed. */
function cardRefusal({ round, rules }: JudgedSession, card: string | undefined): Refusal | null {
  const deck = round?.deck ?? rules.deck
  if (card === undefined || hasCard(deck, card)) return null
  const message = `must be one of ${deck.cards.join(', ')}`
  return refuse('VALIDATION_ERROR', 'This card is not in the deck.', {
    faults: [{ path: 'vote', message }],
    deck,
  })
}

type StoryToVote = NonNullable<Extract<JudgedCommand, { type: 'round.start' }>['story']>

function roundStoryRefusal({ stories }: JudgedSession, story: StoryToVote): Refusal | null {
  return 'draft' in story ? addRefusal(stories, [story.draft]) : storyRefusal(stories, story.id)
}

function roleRefusal(context: JudgedSession, by: UserId, userId: UserId): Refusal | null {
  if (participantOf(context, userId) === undefined) {
    return refuse('USER_NOT_FOUND', 'No such participant in this session.', { userId })
  }
  if (by !== userId && by !== context.scrumMasterId) {
    return refuse('UNAUTHORIZED', "Only the Scrum Master can change somebody else's role.", {
      userId: by,
      requiredRole: 'scrum_master',
    })
  }
  return isRoundOpen(context)
    ? refuse('SESSION_STATE_CONFLICT', 'Roles cannot change during an open round; reveal it first.')
    : null
}

function nudgeRefusal(
  context: JudgedSession,
  { by, userId, at }: Extract<JudgedCommand, { type: 'participant.nudge' }>,
): Refusal | null {
  const somebody = participantOf(context, userId)
  if (somebody === undefined) {
    return refuse('USER_NOT_FOUND', 'No such participant in this session.', { userId })
  }
  if (by === userId) return refuse('VOTING_ERROR', 'You cannot nudge yourself.')
  if (somebody.role === 'observer') return refuse('VOTING_ERROR', 'Observers have no card to play.')
  if (context.round?.votes.some((vote) => vote.userId === userId)) {
    return refuse('VOTING_ERROR', 'They have already voted.')
  }
  const waitMs = nudgeWaitMs(context.nudges, userId, Math.max(at ?? context.now, context.now))
  return waitMs === 0
    ? null
    : refuse('RATE_LIMITED', 'They were already nudged a moment ago.', { userId, waitMs })
}

/** Wrong, used and expired codes get the same answer. */
function seatRefusal(
  context: JudgedSession,
  { by, digest, at }: Extract<JudgedCommand, { type: 'seat.take' }>,
): Refusal | null {
  const owner = seatOwner(context.seatCodes, digest, Math.max(at ?? context.now, context.now))
  return owner === by ? null : refuse('SEAT_CODE_INVALID', 'This code does not open a seat.')
}
