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

/** A round as the policy looks at it. */
export type JudgedRound = Pick<Round, 'deck' | 'isAnonymous' | 'revealedAt'> & {
  readonly votes: readonly Pick<Vote, 'userId'>[]
}

/**
 * What of a session the policy looks at. All of it is public but who is cut off, how many seats there are, and
 * what was nudged and offered, so a client can ask the same policy before it sends anything.
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
 * What of a command the policy looks at; every command is one. Without the rest the question is whether
 * such a command could be given at all.
 */
export type JudgedCommand = Judged<SessionCommand>
