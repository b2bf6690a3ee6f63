import type { SessionId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import type { Outcome } from './outcome.js'

/**
 * Where the commands of sessions get their order. A command counts once it has its place, and every
 * replica that applies the same commands in the same order is in the same state.
 */
export interface CommandLog {
  /**
   * Follows a session's commands from here on.
   * @param apply - carries one out; called in the order of the log
   */
  follow(id: SessionId, apply: (command: SessionCommand) => Outcome): SessionCommandLog
}

/** The commands of one session. */
export interface SessionCommandLog {
  /**
   * Asks for a place for a command.
   * @param settled - called once, with what became of it, when it was applied; in memory that is before this returns
   */
  propose(command: SessionCommand, settled: (outcome: Outcome) => void): void
}
