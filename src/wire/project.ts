import type { EpochMs, UserId } from '../../machines/ids.js'
import type { Participant, Round, SessionContext, Vote } from '../../machines/session/context.js'
import { participantOf } from '../../machines/session/context.js'
import type { SessionEvent } from '../../machines/session/events.js'
import type { RoundStory } from '../../machines/session/history.js'
import { expiresAt } from '../../machines/session/lifecycle.js'
import { type SessionSnapshot, statusOf } from '../../machines/session/machine.js'
import type { MobileProfile } from '../../machines/session/mobile.js'
import { timerLeftMs } from '../../machines/session/round-timers.js'
import type { Statistics } from '../../machines/session/statistics.js'
import type { SessionStatus } from '../../machines/session/status.js'
import type { Story } from '../../machines/session/story.js'
import { settingsOf } from './settings.js'
import type { RoundStoryView, StoryView } from './stories.js'
import type {
  MobileView,
  PublicState,
  RoundView,
  SessionSummaryView,
  SessionView,
  StatisticsView,
  UserView,
  VoteView,
} from './views.js'

/*
 * Projects a snapshot to its public view. This file is the only place where votes are masked: everything that
 * leaves the process is built from the results of these functions.
 */

/** ISO 8601 UTC with milliseconds. */
export function iso(at: EpochMs): string {
  const place = at & (REMEMBERED - 1)
  const known = remembered[place]
  if (known?.at === at) return known.text
  const text = new Date(at).toISOString()
  remembered[place] = { at, text }
  return text
}

/** A power of two. */
const REMEMBERED = 256

/** The same times are formatted over and over, such as now and when a round began; each time costs 0.5 µs. */
const remembered: { readonly at: EpochMs; readonly text: string }[] = []

/** The state that clients mirror and checksums are computed from. */
export function publicState(snapshot: SessionSnapshot): PublicState {
  return stateWith(snapshot, { users: usersOf, round: roundIn })
}

/** How the parts of a state are represented. */
export interface PartViews<Users, OfRound> {
  readonly users: (participants: readonly Participant[]) => Users
  readonly round: (context: SessionContext, round: Round) => OfRound
}

/** The public state, with its parts represented as the caller wants. */
export function stateWith<Users, OfRound>(
  snapshot: SessionSnapshot,
  { users, round }: PartViews<Users, OfRound>,
) {
  const { context } = snapshot
  return {
    session_id: context.id,
    status: statusOf(snapshot),
    participants: users(context.participants),
    scrum_master_id: context.scrumMasterId,
    current_round: context.round === null ? null : round(context, context.round),
    state_version: context.version,
    grace_period_active: context.grace !== null,
  }
}

/** The whole session, as `GET /api/sessions/{id}` and full syncs return it. */
export function publicSession(snapshot: SessionSnapshot, stateChecksum: string): SessionView {
  const { context } = snapshot
  return {
    id: context.id,
    name: context.name,
    participants: usersOf(context.participants),
    scrum_master_id: context.scrumMasterId,
    status: statusOf(snapshot),
    current_round: roundOf(context),
    settings: settingsOf(context.rules),
    room: context.room,
    stories_version: context.storiesVersion,
    created_at: iso(context.createdAt),
    last_activity: iso(context.lastActivityAt),
    expires_at: iso(expiresAt(context)),
    grace_period_start: context.grace === null ? null : iso(context.grace.startedAt),
    grace_period_expires: context.grace === null ? null : iso(context.grace.expiresAt),
    previous_scrum_master_id: context.previousScrumMasterId,
    mobile_optimizations: Object.fromEntries(
      context.mobile.map((profile) => [profile.userId, mobileOf(profile)]),
    ),
    state_version: context.version,
    state_checksum: stateChecksum,
  }
}

/** One entry of the list of sessions. */
export function publicSummary(snapshot: SessionSnapshot): SessionSummaryView {
  const { context } = snapshot
  return {
    id: context.id,
    name: context.name,
    participant_count: context.participants.length,
    seats: context.settings.participantsMax,
    scrum_master_name: participantOf(context, context.scrumMasterId)?.name ?? '',
    status: statusOf(snapshot),
    created_at: iso(context.createdAt),
  }
}

/** The one hidden vote that a participant may see: their own. */
export function ownVote(context: SessionContext, userId: UserId): VoteView | null {
  const vote = context.round?.votes.find((other) => other.userId === userId)
  if (vote === undefined) return null
  return revealedVoteOf(vote)
}

/** A participant, as everybody sees them. */
export function userOf({ id, name, avatar, role, isOnline, joinedAt }: Participant): UserView {
  return { id, name, avatar, role, is_online: isOnline, joined_at: iso(joinedAt) }
}

function usersOf(participants: readonly Participant[]): UserView[] {
  return participants.map(userOf)
}

/** The current round, its values masked until it is revealed, and forever if it is anonymous. */
export function roundOf(context: SessionContext): RoundView | null {
  return context.round === null ? null : roundIn(context, context.round)
}

function roundIn(context: SessionContext, round: Round): RoundView {
  return roundWith(context, round, votesOf)
}

/** A round, with its votes represented as the caller wants. */
export function roundWith<Votes>(context: SessionContext, round: Round, votes: (round: Round) => Votes) {
  return {
    id: round.id,
    story: round.story === null ? null : roundStoryOf(round.story),
    attempt: round.attempt,
    votes: votes(round),
    is_revealed: round.revealedAt !== null,
    anonymous: round.isAnonymous,
    statistics: round.statistics === null ? null : statisticsViewOf(round.statistics),
    accepted_estimate: round.acceptedEstimate,
    started_at: iso(round.startedAt),
    round_ends_at: roundEndsAt(context),
    round_left_seconds: roundLeftSeconds(context),
  }
}

/** The status right after an event: in the same step, an automatic reveal may follow. */
export function statusAfter({ version }: SessionEvent, snapshot: SessionSnapshot): SessionStatus {
  const isRevealedNext = snapshot.context.events.some(
    (next) => next.type === 'votes_revealed' && next.version > version,
  )
  return isRevealedNext ? 'voting' : statusOf(snapshot)
}

/** When the round's time is up; `null` without a limit, and while the timer is stopped. */
export function roundEndsAt({ roundTimers, heldAt }: SessionContext): string | null {
  return roundTimers.voting === undefined || heldAt !== null ? null : iso(roundTimers.voting)
}

function roundLeftSeconds(context: SessionContext): number | null {
  const leftMs = context.heldAt === null ? null : timerLeftMs(context, 'voting')
  return leftMs === null ? null : leftMs / 1_000
}

export function roundStoryOf({ id, title, link }: RoundStory): RoundStoryView {
  return { id, title, link }
}

/** A story as everybody sees it. */
export function storyOf({ id, title, link, notes, estimate, attempts }: Story): StoryView {
  return { id, title, link, notes, estimate, attempts }
}

/** Whether everybody may see the values. */
export function hasOpenValues(round: Round): boolean {
  return round.revealedAt !== null && !round.isAnonymous
}

/** A round's votes, as everybody may see them. */
export function votesOf(round: Round): RoundView['votes'] {
  const voteOf = hasOpenValues(round) ? revealedVoteOf : hiddenVoteOf
  return Object.fromEntries(round.votes.map((vote) => [vote.userId, voteOf(vote)]))
}

/** A hidden vote: nobody but its voter may know more than that it exists. */
export function hiddenVoteOf({ userId, submittedAt }: Vote): VoteView {
  return { user_id: userId, value: null, submitted_at: iso(submittedAt) }
}

/** A vote that everybody may see. */
export function revealedVoteOf({ userId, value, submittedAt }: Vote): VoteView {
  return { user_id: userId, value, submitted_at: iso(submittedAt) }
}

export function statisticsViewOf(statistics: Statistics): StatisticsView {
  return {
    average: statistics.average,
    distribution: { ...statistics.distribution },
    consensus: statistics.consensus,
    coffee_votes: statistics.coffeeVotes,
    total_votes: statistics.totalVotes,
    median: statistics.median,
    mode: [...statistics.mode],
    min: statistics.min,
    max: statistics.max,
    agreement: statistics.agreement,
    suggestion: statistics.suggestion,
  }
}

export function mobileOf(profile: MobileProfile): MobileView {
  return {
    sse_heartbeat_interval: profile.heartbeatSeconds,
    event_batching: profile.batchesEvents,
    reduced_animations: profile.reducesAnimations,
    network_adaptive: profile.adaptsToNetwork,
    touch_optimized: true,
  }
}
