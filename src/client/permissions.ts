import type { UserId } from '../../machines/ids.js'
import * as domain from '../../machines/session/permissions.js'
import type { JudgedCommand, JudgedRound, JudgedSession } from '../../machines/session/judged.js'
import { refusal } from '../../machines/session/policy.js'
import type { SessionRules } from '../../machines/session/rules.js'
import type { SettingsView } from '../wire/settings.js'
import type { RoundView, SessionView } from '../wire/views.js'

/** What somebody may do now, by the server's own rules. The server has the last word. */
export interface Permissions extends domain.Permissions {
  /** The role's right; there may be nobody to hand it to. */
  readonly canTransfer: boolean
  readonly canExtend: boolean
  readonly canEnd: boolean
}

/**
 * What a participant may do in a session as it is known: worked out here, without a request.
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
  }
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
}

/**
 * A public session as the policy looks at it. How many seats there are is not public, and matters to those
 * alone who are not in yet; whoever is connected is not cut off.
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
    roundTimers: {},
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

/** Which cards its deck has is not asked here. */
function judgedRound({ anonymous, is_revealed, votes }: RoundView, { deck }: SettingsView): JudgedRound {
  return {
    deck,
    isAnonymous: anonymous,
    revealedAt: is_revealed ? 0 : null,
    votes: Object.values(votes).map(({ user_id }) => ({ userId: user_id })),
  }
}
