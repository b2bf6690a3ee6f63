import type { Card } from '../card.js'
import { withStoryChanges } from './backlog.js'
import type { SessionCommandOf } from './commands.js'
import { participantOf, type Round, type SessionContext, type Vote } from './context.js'
import { type PastRound, pastRound, withRound } from './history.js'
import { accept, acceptance, reach, record, withEvent } from './record.js'
import { withoutTimers, withTimer } from './round-timers.js'
import { statisticsOf } from './statistics.js'
import { type Story, storyOf, withStories } from './story.js'

/** Opens a new round; the previous one leaves the table and stays in the history. */
export function startRound(
  context: SessionContext,
  command: SessionCommandOf<'round.start'>,
): SessionContext {
  const { context: next, story } = withStoryToVote(archived(accept(context, command.at)), command)
  const { deck, hasAnonymousVotes, roundMs } = next.rules
  const round: Round = {
    id: command.roundId,
    startedAt: next.now,
    deck,
    isAnonymous: hasAnonymousVotes,
    story: story === null ? null : { id: story.id, title: story.title, link: story.link },
    attempt: story?.attempts ?? 1,
    votes: [],
    isTimeUp: false,
    revealedAt: null,
    voterNames: [],
    statistics: null,
    acceptedEstimate: null,
  }
  const fresh = withoutTimers({ ...next, round })
  return record(roundMs === null ? fresh : withTimer(fresh, 'voting', next.now + roundMs), {
    type: 'voting_started',
    roundId: round.id,
  })
}

/**
 * A card goes on the table face down; voting again replaces it. Returns only what changes: most commands are
 * votes, and copying everything else along would take a tenth of a vote's time.
 */
export function castVote(
  context: SessionContext,
  command: SessionCommandOf<'vote.cast'>,
): Partial<SessionContext> {
  const { now, revision, lastActivityAt, idleDeadline, events: none } = acceptance(context, command.at)
  const { version, events } = withEvent(
    { version: context.version, now, events: none },
    { type: 'vote_submitted', userId: command.by },
  )
  const round = roundOf(context)
  const votes = withVote(round.votes, voteOf({ now }, command))
  return { now, revision, lastActivityAt, idleDeadline, round: { ...round, votes }, version, events }
}

/** A voter takes their card back; does nothing if they have none on the table. */
export function withdrawVote(
  context: SessionContext,
  { at, by }: SessionCommandOf<'vote.withdraw'>,
): SessionContext {
  const next = accept(context, at)
  const round = roundOf(next)
  const votes = round.votes.filter((vote) => vote.userId !== by)
  if (votes.length === round.votes.length) return next
  return record({ ...next, round: { ...round, votes } }, { type: 'vote_withdrawn', userId: by })
}

/** A voter changes their card after the reveal; the statistics are updated. The same card again changes nothing. */
export function changeVote(context: SessionContext, command: SessionCommandOf<'vote.cast'>): SessionContext {
  const next = accept(context, command.at)
  const round = roundOf(next)
  if (round.votes.some(({ userId, value }) => userId === command.by && value === command.value)) return next
  const votes = withVote(round.votes, voteOf(next, command))
  const statistics = statisticsOf(cardsOf(votes), round.deck)
  return record(
    { ...next, round: { ...round, votes, statistics } },
    { type: 'vote_changed', roundId: round.id, userId: command.by },
  )
}

/** Reveals all cards; from here on the values are public, unless the round is anonymous. */
export function revealVotes(context: SessionContext): SessionContext {
  const { now, settings } = context
  const round = roundOf(context)
  const revealed = {
    ...round,
    revealedAt: now,
    // Stryker disable next-line OptionalChaining, StringLiteral: whoever leaves takes a hidden vote along
    voterNames: round.votes.map(({ userId }) => participantOf(context, userId)?.name ?? ''),
    statistics: statisticsOf(cardsOf(round.votes), round.deck),
  }
  const turning = withTimer(
    withoutTimers({ ...context, round: revealed }),
    'revealing',
    now + settings.revealMs,
  )
  return record(turning, { type: 'votes_revealed', roundId: round.id })
}

/** The round's time is up. */
export function endRoundTimer(context: SessionContext): SessionContext {
  const next = reach(context, context.roundTimers.voting ?? context.now)
  const round = { ...roundOf(next), isTimeUp: true }
  return record({ ...next, round }, { type: 'round_timer_ended', roundId: round.id })
}

/** Extends the round's time; if it was up, it runs again from now. */
export function extendRound(
  context: SessionContext,
  { at, ms }: SessionCommandOf<'round.extend'>,
): SessionContext {
  const next = accept(context, at)
  const { roundTimers, now } = next
  const round = { ...roundOf(next), isTimeUp: false }
  const longer = withTimer({ ...next, round }, 'voting', Math.max(now, roundTimers.voting ?? now) + ms)
  return record(longer, { type: 'round_extended', roundId: round.id })
}

/** The time for the reveal is over. */
export function reachRevealDeadline(context: SessionContext): SessionContext {
  return reach(context, context.roundTimers.revealing ?? context.now)
}

/** The round is complete, and its statistics are final. */
export function completeRound(context: SessionContext): SessionContext {
  const round = roundOf(context)
  return record(withoutTimers(context), {
    type: 'round_completed',
    roundId: round.id,
    durationMs: durationOf(round),
  })
}

/** The team has agreed: records the estimate for the round and, if it still exists, its story. */
export function acceptEstimate(
  context: SessionContext,
  { at, estimate }: SessionCommandOf<'round.accept'>,
): SessionContext {
  const next = accept(context, at)
  const round = { ...roundOf(next), acceptedEstimate: estimate }
  const story = next.stories.find(({ id }) => id === round.story?.id)
  const isNoted = story === undefined || story.estimate === estimate
  const noted = isNoted ? next : withStory(next, story.id, (before) => ({ ...before, estimate }))
  const storyId = story?.id ?? null
  return record({ ...noted, round }, { type: 'estimate_accepted', roundId: round.id, storyId, estimate })
}

/** The part of a session that its revealed rounds are in. */
type Played = Pick<SessionContext, 'round' | 'history'>

/** Every revealed round of the session, including the current one, oldest first. */
export function revealedRounds(session: Played): readonly PastRound[] {
  return historyOf(session).map(pastRound)
}

/** Moves the current round to the history, if it is revealed. */
function archived(context: SessionContext): SessionContext {
  return { ...context, history: historyOf(context) }
}

/** The history with the current round, if it is revealed. */
function historyOf({ round, history }: Played): Played['history'] {
  if (round === null || round.statistics === null) return history
  const { id, deck, story, attempt, startedAt, voterNames, acceptedEstimate, isAnonymous } = round
  const votes = round.votes.map(({ userId, value, submittedAt }, place) => {
    // Stryker disable next-line StringLiteral: the reveal notes a name for each vote
    return { userId, value, submittedAt, name: voterNames[place] ?? '' }
  })
  const durationMs = durationOf(round)
  const revealed = { id, deck, story, attempt, startedAt, durationMs, votes, acceptedEstimate, isAnonymous }
  return withRound(history, revealed)
}

/**
 * The current round.
 * @throws {Error} if there is none: the chart accepts nothing that needs one before a round was started
 */
function roundOf({ round }: SessionContext): Round {
  if (round === null) throw new Error('there is no round on the table')
  return round
}

function durationOf({ startedAt, revealedAt }: Round): number {
  return (revealedAt ?? startedAt) - startedAt
}

/** The round's story, with one more attempt; a new one is added to the list first. */
function withStoryToVote(
  context: SessionContext,
  { story: wanted }: SessionCommandOf<'round.start'>,
): { readonly context: SessionContext; readonly story: Story | null } {
  if (wanted === undefined) return { context, story: null }
  if ('draft' in wanted) {
    const stories = withStories(context.stories, [wanted.draft]).map((story) =>
      story.id === wanted.draft.id ? { ...story, attempts: 1 } : story,
    )
    const next = withStoryChanges(context, stories, { added: [wanted.draft.id] })
    return { context: next, story: storyOf(stories, wanted.draft.id) ?? null }
  }
  const next = withStory(context, wanted.id, (story) => ({ ...story, attempts: story.attempts + 1 }))
  return { context: next, story: storyOf(next.stories, wanted.id) ?? null }
}

function withStory(
  context: SessionContext,
  id: Story['id'],
  change: (story: Story) => Story,
): SessionContext {
  const stories = context.stories.map((story) => (story.id === id ? change(story) : story))
  return withStoryChanges(context, stories, { changed: [id] })
}

function voteOf({ now }: Pick<SessionContext, 'now'>, { by, value }: SessionCommandOf<'vote.cast'>): Vote {
  return { userId: by, value, submittedAt: now }
}

/** A vote replaces its voter's previous one. */
function withVote(votes: readonly Vote[], vote: Vote): readonly Vote[] {
  const isFirst = votes.every((other) => other.userId !== vote.userId)
  return isFirst ? [...votes, vote] : votes.map((other) => (other.userId === vote.userId ? vote : other))
}

function cardsOf(votes: readonly Vote[]): Card[] {
  return votes.map(({ value }) => value)
}
