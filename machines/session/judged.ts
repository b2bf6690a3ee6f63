import type { UserId } from '../ids.js'
import type { SessionCommand } from './commands.js'
import type {
  Grace,
  Participant,
  Partition,
  Round,
  SessionContext,
  SessionSettings,
  Vote,
} from './context.js'

/** The part of a round that the policy uses. */
export type JudgedRound = Pick<Round, 'deck' | 'isAnonymous' | 'revealedAt'> & {
  readonly votes: readonly Pick<Vote, 'userId'>[]
}

/**
 * The part of a session that the policy uses. All of it is public except who is cut off, the number of seats,
 * nudges, and seat codes, so a client can ask the same policy before it sends anything.
 */
export interface JudgedSession
  extends Pick<SessionContext, 'rules' | 'stories' | 'roundTimers' | 'nudges' | 'seatCodes' | 'now'> {
  readonly participants: readonly Pick<Participant, 'id' | 'role'>[]
  readonly scrumMasterId: UserId
  readonly settings: Pick<SessionSettings, 'participantsMax'>
  readonly round: JudgedRound | null
  readonly grace: Pick<Grace, 'expiresAt'> | null
  readonly partition: Pick<Partition, 'missing' | 'detectedAt' | 'affected'> | null
  readonly heirs: readonly UserId[]
  /** The server's alone. */
  readonly emptySince?: SessionContext['emptySince']
}

type Named = 'type' | 'by' | 'userId' | 'to'

type Judged<Command> = Command extends unknown
  ? Pick<Command, Extract<keyof Command, Named>> & Partial<Omit<Command, Named>>
  : never

/**
 * The part of a command that the policy uses; every command fits. Without the optional members, the question
 * is whether such a command could be given at all.
 */
export type JudgedCommand = Judged<SessionCommand>
