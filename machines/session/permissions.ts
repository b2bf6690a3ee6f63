import type { UserId } from '../ids.js'
import { participantOf } from './context.js'
import { type Position, refusal } from './policy.js'

/** What a participant may do now (contract section 7, `user_permissions`), asked of the policy itself. */
export interface Permissions {
  readonly isScrumMaster: boolean
  readonly isParticipant: boolean
  readonly canStartVoting: boolean
  readonly canRevealVotes: boolean
  readonly canVote: boolean
  readonly canPause: boolean
  readonly canResume: boolean
  /** Depends on the role only, not on who is there. */
  readonly canKickUsers: boolean
}

export function permissionsOf(position: Position, by: UserId): Permissions {
  const { context, status } = position
  const isScrumMaster = context.scrumMasterId === by
  const may = (type: 'round.start' | 'round.reveal' | 'vote.cast' | 'session.pause' | 'session.resume') =>
    refusal(position, { type, by }) === null
  return {
    isScrumMaster,
    isParticipant: participantOf(context, by) !== undefined,
    canStartVoting: may('round.start'),
    canRevealVotes: may('round.reveal'),
    canVote: may('vote.cast'),
    canPause: may('session.pause'),
    canResume: may('session.resume'),
    canKickUsers: isScrumMaster && status !== 'ended',
  }
}
