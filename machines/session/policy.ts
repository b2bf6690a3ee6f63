import type { UserId } from '../ids.js'
import type { SessionCommand } from './commands.js'
import { participantOf } from './context.js'
import { changeRefusal, estimationRefusal } from './estimation-policy.js'
import type { JudgedCommand, JudgedSession } from './judged.js'
import { type Refusal, refuse } from './refusal.js'
import type { SessionStatus } from './status.js'

/** The session and status in which a command arrives. */
export interface Position {
  readonly status: SessionStatus
  readonly context: JudgedSession
}

type RoundCommand = Extract<JudgedCommand, { type: (typeof ROUND_COMMANDS)[number] }>

const SCRUM_MASTER_ONLY: ReadonlySet<SessionCommand['type']> = new Set([
  'round.start',
  'round.reveal',
  'session.pause',
  'session.resume',
  'session.end',
  'participant.kick',
  'leadership.transfer',
  'round.extend',
  'round.accept',
  'settings.change',
  'stories.add',
  'stories.patch',
  'stories.remove',
  'stories.order',
  'participant.nudge',
])

/** Commands about the cards on the table; refused while the game is interrupted. */
const ROUND_COMMANDS = [
  'round.start',
  'vote.cast',
  'vote.withdraw',
  'round.reveal',
  'round.extend',
  'participant.nudge',
] as const

/** Their facts include the session's status, whatever refused the command. */
const NAMES_STATUS: ReadonlySet<Refusal['code']> = new Set([
  'VOTING_ERROR',
  'SESSION_STATE_CONFLICT',
  'GRACE_PERIOD_ERROR',
])

/**
 * Why this command cannot be executed here, or `null` if it can: the error that a client gets (contract
 * sections 3, 5 and 8). The first reason counts, in this order: the session is over, the caller, the person
 * concerned, the status.
 *
 * In every state that a session can be in, this is `null` exactly where the chart accepts the command: rights
 * are the chart's guard, {@link rightsRefusal}; the status is its structure.
 */
export function refusal(position: Position, command: JudgedCommand): Refusal | null {
  const { status, context } = position
  if (status === 'ended') return refuse('SESSION_NOT_FOUND', 'This session is over.')
  const refused = rightsRefusal(context, command) ?? statusRefusal(position, command)
  if (refused === null || !NAMES_STATUS.has(refused.code)) return refused
  return { ...refused, facts: { ...refused.facts, status } }
}

/** Why the caller may not give this command, whatever the session's status. */
export function rightsRefusal(context: JudgedSession, command: JudgedCommand): Refusal | null {
  if ('by' in command) {
    const unknown = unknownParticipant(context, command.by)
    if (unknown !== null) return unknown
    if (isScrumMasterOnly(context, command) && command.by !== context.scrumMasterId) {
      return refuse('UNAUTHORIZED', 'Only the Scrum Master can do this.', {
        userId: command.by,
        requiredRole: 'scrum_master',
      })
    }
    const cutOff = isRoundCommand(command) ? partitionRefusal(context, command.by) : null
    if (cutOff !== null) return cutOff
  }
  switch (command.type) {
    case 'participant.join':
      return joinRefusal(context)
    case 'participant.kick':
      return command.userId === command.by
        ? refuse('MALFORMED_REQUEST', 'You cannot kick yourself; leave instead.')
        : unknownParticipant(context, command.userId)
    case 'leadership.transfer':
      return unknownParticipant(context, command.to)
    case 'presence.streams':
    case 'presence.seen':
    case 'presence.heartbeat':
      return unknownParticipant(context, command.userId)
    case 'session.terminate':
      return terminationRefusal(context, command)
    default:
      return estimationRefusal(context, command)
  }
}

function partitionRefusal({ partition }: JudgedSession, by: UserId): Refusal | null {
  if (!partition?.missing.includes(by)) return null
  const { detectedAt, affected } = partition
  return refuse('NETWORK_PARTITION', 'Your connection was lost; reconnect to see what the others see.', {
    detectedAt,
    affected,
  })
}

function isScrumMasterOnly({ rules }: JudgedSession, { type }: JudgedCommand): boolean {
  if (type === 'round.reveal' && rules.whoMayReveal === 'everyone') return false
  return SCRUM_MASTER_ONLY.has(type)
}

function isRoundCommand(command: JudgedCommand): command is RoundCommand {
  const types: readonly string[] = ROUND_COMMANDS
  return types.includes(command.type)
}

function joinRefusal({ participants, settings }: JudgedSession): Refusal | null {
  if (participants.length < settings.participantsMax) return null
  return refuse('SESSION_FULL', `All ${settings.participantsMax} seats of this session are taken.`, {
    participants: participants.length,
    participantsMax: settings.participantsMax,
  })
}

/** Somebody has come back since the session was found deserted. */
function terminationRefusal(
  context: JudgedSession,
  { emptySince }: Extract<JudgedCommand, { type: 'session.terminate' }>,
): Refusal | null {
  if (emptySince === undefined || emptySince === context.emptySince) return null
  return refuse('SESSION_STATE_CONFLICT', 'Somebody has come back to this session.')
}

function unknownParticipant(context: JudgedSession, userId: UserId): Refusal | null {
  if (participantOf(context, userId) !== undefined) return null
  return refuse('USER_NOT_FOUND', 'No such participant in this session.', { userId })
}

function statusRefusal({ status, context }: Position, command: JudgedCommand): Refusal | null {
  if (isRoundCommand(command)) return roundRefusal({ status, context }, command)
  switch (command.type) {
    case 'round.accept':
      return status === 'results'
        ? null
        : conflict('An estimate can be accepted only when the round is complete.')
    case 'session.pause':
      return status === 'paused' || status === 'grace_period'
        ? conflict('The session is already paused.')
        : null
    case 'session.resume':
      if (status !== 'paused') return conflict('The session is not paused.')
      return context.heirs.length === 0 ? null : conflict('The session is waiting for its participants.')
    default:
      return null
  }
}

function roundRefusal({ status, context }: Position, command: RoundCommand): Refusal | null {
  if (status === 'paused') return conflict('The session is paused.')
  if (status === 'grace_period') {
    return refuse('GRACE_PERIOD_ERROR', 'The session is waiting for its Scrum Master to come back.', {
      graceExpiresAt: context.grace?.expiresAt ?? null,
    })
  }
  const isOpen = status === 'voting'
  if (command.type === 'round.start') {
    return isOpen ? votingError('A round is already open; reveal it first.') : null
  }
  if (isOpen) return null
  if (command.type === 'vote.cast' && status === 'results') return changeRefusal(context, command.by)
  const isRevealed = status === 'revealing' || status === 'results'
  return votingError(isRevealed ? 'The round is already revealed.' : 'No round has been started.')
}

function votingError(detail: string): Refusal {
  return refuse('VOTING_ERROR', detail)
}

function conflict(detail: string): Refusal {
  return refuse('SESSION_STATE_CONFLICT', detail)
}
