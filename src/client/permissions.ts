import type { UserId } from '../../machines/ids.js'
import type { JudgedCommand, JudgedRound, JudgedSession } from '../../machines/session/judged.js'
import * as domain from '../../machines/session/permissions.js'
import { refusal } from '../../machines/session/policy.js'
import type { RoundTimers } from '../../machines/session/round-timer.js'
import type { SessionRules } from '../../machines/session/rules.js'
import type { SettingsView } from '../wire/settings.js'
import type { RoundView, SessionView } from '../wire/views.js'

/** What a participant may do now, by the server's own rules. The server has the last word. */
export interface Permissions extends domain.Permissions {
  /** Depends on the role only; there may be nobody to hand it to. */
  readonly canTransfer: boolean
  readonly canExtend: boolean
  readonly canEnd: boolean
  /** Accept an estimate, when the round is complete. */
  readonly canAccept: boolean
  /** Extend a round that has a time limit. */
  readonly canExtendRound: boolean
  readonly canChangeSettings: boolean
  /** The deck and anonymity cannot change during an open round. */
  readonly canChangeDeck: boolean
  readonly canEditStories: boolean
  /** Your own role, between voter and observer. */
  readonly canChangeRole: boolean
}

/**
 * What a participant may do in a session, computed locally without a request.
 * @param session - `null`: not known yet, so nothing
 * @param userId - `null`: a watcher, who may do nothing
 */
export function permissionsOf(session: SessionView | null, userId: UserId | null): Permissions {
  if (session === null || userId === null) return NONE
  const position = { status: session.status, context: judged(session) }
  const may = (command: JudgedCommand) => refusal(position, command) === null
  return {
    ...domain.permissionsOf(position, userId),
    canTransfer: may({ type: 'leadership.transfer', by: userId, to: userId }),
    canExtend: may({ type: 'session.extend', by: userId }),
    canEnd: may({ type: 'session.end', by: userId }),
    canAccept: may({ type: 'round.accept', by: userId }),
    canExtendRound: may({ type: 'round.extend', by: userId }),
    canChangeSettings: may({ type: 'settings.change', by: userId }),
    canChangeDeck: may({ type: 'settings.change', by: userId, wish: ANOTHER_DECK }),
    canEditStories: may({ type: 'stories.add', by: userId }),
    canChangeRole: may({ type: 'role.change', by: userId, userId }),
  }
}

/** Differs from every deck that a session can have. */
const ANOTHER_DECK = { deck: { name: null, cards: [] } }

/**
 * Whether somebody may be asked for their card now; whether they were asked a moment ago is not public.
 * @param by - who asks; `null`: a watcher, who may not
 * @param whom - who is asked
 */
export function canNudge(session: SessionView | null, by: UserId | null, whom: UserId): boolean {
  if (session === null || by === null) return false
  const position = { status: session.status, context: judged(session) }
  return refusal(position, { type: 'participant.nudge', by, userId: whom }) === null
}

const SECOND_MS = 1_000

const NONE: Permissions = {
  isScrumMaster: false,
  isParticipant: false,
  canStartVoting: false,
  canRevealVotes: false,
  canVote: false,
  canPause: false,
  canResume: false,
  canKickUsers: false,
  canTransfer: false,
  canExtend: false,
  canEnd: false,
  canAccept: false,
  canExtendRound: false,
  canChangeSettings: false,
  canChangeDeck: false,
  canEditStories: false,
  canChangeRole: false,
}

/**
 * A public session in the form that the policy expects. The number of seats is not public, but matters only
 * to people who have not joined yet; a connected client is not cut off.
 */
function judged(session: SessionView): JudgedSession {
  const { participants, scrum_master_id, grace_period_expires, settings, current_round } = session
  return {
    participants,
    scrumMasterId: scrum_master_id,
    settings: { participantsMax: Number.POSITIVE_INFINITY },
    grace: grace_period_expires === null ? null : { expiresAt: Date.parse(grace_period_expires) },
    partition: null,
    heirs: [],
    rules: rulesOf(settings),
    round: current_round === null ? null : judgedRound(current_round, settings),
    roundTimers: current_round === null ? {} : timersOf(current_round),
    stories: [],
    nudges: [],
    seatCodes: [],
    now: 0,
  }
}

function rulesOf(settings: SettingsView): SessionRules {
  return {
    deck: settings.deck,
    revealsItself: settings.auto_reveal,
    roundMs: settings.round_seconds === null ? null : settings.round_seconds * SECOND_MS,
    whoMayReveal: settings.who_may_reveal,
    allowsVoteAfterReveal: settings.vote_after_reveal,
    hasAnonymousVotes: settings.anonymous_votes,
    isListed: settings.listed,
  }
}

/** Only whether there is a limit matters here. */
function timersOf({ round_ends_at, round_left_seconds }: RoundView): RoundTimers {
  return round_ends_at === null && round_left_seconds === null ? {} : { voting: 0 }
}

/** The cards of its deck do not matter here. */
function judgedRound({ anonymous, is_revealed, votes }: RoundView, { deck }: SettingsView): JudgedRound {
  return {
    deck,
    isAnonymous: anonymous,
    revealedAt: is_revealed ? 0 : null,
    votes: Object.values(votes).map(({ user_id }) => ({ userId: user_id })),
  }
}
