import type { SessionId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import type { Mark } from './marks.js'
import type { Outcome } from './outcome.js'
import type { Birth, PersistedSession } from './persisted-session.js'

/** What carries out a session's commands in the order of its log. */
export interface Follower {
  /** Carries one out, unless its mark says that it was. */
  apply(command: SessionCommand, mark?: Mark): Outcome
  /** What would become of a command now that changes nothing; `null`: it would change something. */
  refuses(command: SessionCommand, mark?: Mark): Outcome | null
  /** All that is needed to go on from here without the entries so far. */
  persisted(): PersistedSession
}

/**
 * Where the commands of sessions get their order. A command counts once it has its place, and every
 * replica that applies the same commands in the same order is in the same state.
 */
export interface CommandLog {
  /** Whether sessions outlive this process. */
  readonly isDurable: boolean
  /** Whether commands have a chance to find a place now. */
  readonly isAvailable: boolean
  /**
   * Gives a new session its log.
   * @param placed - called once, in memory before this returns, with what the session is made of, at the time
   * by the log's clock; `null`: the log is away, and there is no such session
   */
  create(birth: Birth, placed: (birth: Birth | null) => void): void
  /** Follows a session's commands from here on; it was created or loaded before. */
  follow(id: SessionId, follower: Follower): SessionCommandLog
  /** A session is over: its log is not needed any more. */
  end(id: SessionId): void
  /** The sessions that are not over, and some that are, as far as the log knows. */
  known(): Promise<{ readonly live: readonly SessionId[]; readonly ended: readonly SessionId[] }>
  /**
   * Reads what is there of a session and carries it out.
   * @param restore - makes what follows, of its first entry or of what was persisted later
   * @returns `false`: there is nothing
   * @throws {UnreadableSession} when it cannot be carried out
   * @throws when the log is away
   */
  load(id: SessionId, restore: (from: Birth | PersistedSession) => Follower): Promise<boolean>
  /** The end of the process: whatever it holds is let go. */
  close(): Promise<void>
}

/** The commands of one session. */
export interface SessionCommandLog {
  /**
   * Asks for a place for a command, whose time becomes that of its place.
   * @param settled - called once, with what became of it, when it was applied; in memory that is before this
   * returns. `unavailable`: it has no place, or nobody knows yet whether it has
   * @param mark - goes with it, where it may be repeated; a log that does not outlive the process has no use for it
   */
  propose(command: SessionCommand, settled: (outcome: Outcome) => void, mark?: Mark): void
}
