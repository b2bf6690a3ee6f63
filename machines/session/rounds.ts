import type { SessionCommandOf } from './commands.js'
import type { Round, SessionContext } from './context.js'
import { accept, reach, record } from './record.js'
import { statisticsOf } from './statistics.js'

/** Opens a new round; what the one before said is gone from the table. */
export function startRound(
  context: SessionContext,
  command: SessionCommandOf<'round.start'>,
): SessionContext {
  const next = accept(context, command.at)
  const round: Round = {
    id: command.roundId,
    startedAt: next.now,
    votes: [],
    revealedAt: null,
    statistics: null,
  }
  return record({ ...next, round, revealDeadline: null }, { type: 'voting_started', roundId: round.id })
}

/** A card goes on the table face down; voting again replaces it. */
export function castVote(context: SessionContext, command: SessionCommandOf<'vote.cast'>): SessionContext {
  const next = accept(context, command.at)
  if (next.round === null) return next
  const vote = { userId: command.by, value: command.value, submittedAt: next.now }
  const { votes } = next.round
  const isFirst = votes.every((other) => other.userId !== command.by)
  const replaced = isFirst
    ? [...votes, vote]
    : votes.map((other) => (other.userId === command.by ? vote : other))
  return record(
    { ...next, round: { ...next.round, votes: replaced } },
    { type: 'vote_submitted', userId: command.by },
  )
}

/** All cards are turned; from here the values are public. */
export function revealVotes(
  context: SessionContext,
  command: SessionCommandOf<'round.reveal'>,
): SessionContext {
  const next = accept(context, command.at)
  if (next.round === null) return next
  const round = {
    ...next.round,
    revealedAt: next.now,
    statistics: statisticsOf(next.round.votes.map((vote) => vote.value)),
  }
  return record(
    { ...next, round, revealDeadline: next.now + next.settings.revealMs },
    { type: 'votes_revealed', roundId: round.id },
  )
}

/** The time for turning the cards is over. */
export function reachRevealDeadline(context: SessionContext): SessionContext {
  return reach(context, context.revealDeadline ?? context.now)
}

/** The round is complete: its statistics stand. */
export function completeRound(context: SessionContext): SessionContext {
  const { round } = context
  if (round === null) return context
  return record(
    { ...context, revealDeadline: null },
    {
      type: 'round_completed',
      roundId: round.id,
      durationMs: (round.revealedAt ?? context.now) - round.startedAt,
    },
  )
}

/** Sets the round's deadline off by the time for which it stood still. */
export function releaseTimers(context: SessionContext): SessionContext {
  const { heldAt, revealDeadline, now } = context
  if (heldAt === null) return context
  return {
    ...context,
    heldAt: null,
    revealDeadline: revealDeadline === null ? null : revealDeadline + (now - heldAt),
  }
}
