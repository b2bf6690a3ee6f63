import type { NodeId, Room, SessionId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import type { Mark } from './marks.js'
import type { Outcome } from './outcome.js'
import type { Birth, PersistedSession } from './persisted-session.js'

/** Carries out a session's commands in log order. */
export interface Follower {
  /**
   * Carries a command out, unless its mark shows that it already was.
   * @param isOwn - proposed by this process, which is the one that counts what must be counted only once
   */
  apply(command: SessionCommand, mark?: Mark, isOwn?: boolean): Outcome
  /** The outcome of a command that would change nothing now; `null`: it would change something. */
  refuses(command: SessionCommand, mark?: Mark): Outcome | null
  /** Everything needed to continue from here without the earlier entries. */
  persisted(): PersistedSession
}

/** A session to be created, and the conditions for listing it among the sessions of all processes. */
export interface Creation {
  readonly birth: Birth
  /** The limit on concurrent sessions. */
  readonly sessionsMax: number
  /** The session that gives up its place; `null`: there must be a free one. */
  readonly evicted: SessionId | null
}

/** The outcome of a creation. */
export type Placed =
  /**
   * @property birth - what the session is made of, timed by the log's clock
   * @property active - sessions now
   */
  | { readonly type: 'placed'; readonly birth: Birth; readonly active: number | null }
  /** Another process was faster: it took the place or the room, or made this session. Nothing was created. */
  | { readonly type: 'overtaken' }
  /** The log is away; nothing was created. */
  | { readonly type: 'unavailable' }

/** Is told what other processes do. */
export interface CommandLogWatcher {
  /** Another process made a session. @param active - sessions now; `null`: unknown, or no more than before */
  created(id: SessionId, active: number | null): void
  /**
   * A process has ended, so its streams are closed.
   * @param isKilled - without notice, so found out a little later
   */
  lost(node: NodeId, isKilled: boolean): void
  /**
   * What was followed here no longer matches the log, or failed to carry out a command that others may have
   * carried out: it must be loaded again.
   * @param isForked - what was carried out here, and perhaps shown, is no longer in the log
   */
  dropped(id: SessionId, isForked: boolean): void
}

/**
 * Puts the commands of each session in order. A command counts once it has its place, and all
 * replicas that apply the same commands in the same order are in the same state.
 */
export interface CommandLog {
  /** This process, among all those that run the same sessions. */
  readonly node: NodeId
  /** Whether sessions outlive this process, and other processes may run them too. */
  readonly isDurable: boolean
  /** Whether commands have a chance of finding a place now. */
  readonly isAvailable: boolean
  /** The processes known to be running, including this one. */
  readonly nodes: ReadonlySet<NodeId>
  /** The latest semantics that all of them support: those of new sessions. */
  readonly semantics: number
  /** Sets the watcher that is told from now on. */
  watch(watcher: CommandLogWatcher): void
  /**
   * Gives a new session its log.
   * @param placed - called once; with the memory log, before this returns
   */
  create(creation: Creation, placed: (placed: Placed) => void): void
  /** Follows the commands of a session already created or loaded. */
  follow(id: SessionId, follower: Follower): SessionCommandLog
  /** A session is over: its log is no longer needed. */
  end(id: SessionId): void
  /** Frees the place of a listed session of which there is nothing, or nothing readable. */
  unlist(id: SessionId): Promise<void>
  /** The sessions that are not over, and some that are, as far as the log knows. */
  known(): Promise<{ readonly live: readonly SessionId[]; readonly ended: readonly SessionId[] }>
  /** Which session has a room, across all processes. @throws when the log is away */
  inRoom(room: Room): Promise<SessionId | null>
  /**
   * Reads whatever there is of a session and carries it out.
   * @param restore - makes the follower from the first entry, or from what was persisted later
   * @returns `false`: there is nothing
   * @throws {UnreadableSession} when it cannot be carried out
   * @throws when the log is away
   */
  load(id: SessionId, restore: (from: Birth | PersistedSession) => Follower): Promise<boolean>
  /**
   * Whether what was written has reached where it must be before it may be acknowledged.
   * @param then - called once; with the memory log, before this returns
   */
  confirm(then: (isKept: boolean) => void): void
  /** This process stops running a session that is not over: another process may have it. */
  letGo(id: SessionId): void
  /** The process is ending: releases everything it holds. */
  close(): Promise<void>
}

/** The commands of one session. */
export interface SessionCommandLog {
  /**
   * Asks for a place for a command, whose time becomes that of its place.
   * @param settled - called once with the outcome, when the command has been applied; with the memory log,
   * before this returns. `unavailable`: it has no place, or it is not yet known whether it has
   * @param mark - of a command that may be repeated; unused by a log that does not outlive the process
   */
  propose(command: SessionCommand, settled: (outcome: Outcome) => void, mark?: Mark): void
  /**
   * Carries out what the log has by now.
   * @param then - called once when that is done, or cannot be because the log is away (what is here may then
   * be stale); with the memory log, before this returns
   */
  catchUp(then: (isFresh: boolean) => void): void
}
