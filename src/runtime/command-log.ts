import type { NodeId, Room, SessionId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import type { Mark } from './marks.js'
import type { Outcome } from './outcome.js'
import type { Birth, PersistedSession } from './persisted-session.js'

/** What carries out a session's commands in the order of its log. */
export interface Follower {
  /**
   * Carries one out, unless its mark says that it was.
   * @param isOwn - this process has proposed it; whatever is counted over all processes is counted then
   */
  apply(command: SessionCommand, mark?: Mark, isOwn?: boolean): Outcome
  /** What would become of a command now that changes nothing; `null`: it would change something. */
  refuses(command: SessionCommand, mark?: Mark): Outcome | null
  /** All that is needed to go on from here without the entries so far. */
  persisted(): PersistedSession
}

/** A session that is to be, and what it must find where all processes' sessions are listed. */
export interface Creation {
  readonly birth: Birth
  /** Concurrent sessions at most. */
  readonly sessionsMax: number
  /** The session that gives its place; `null`: there must be a free one. */
  readonly evicted: SessionId | null
}

/** What became of a creation. */
export type Placed =
  /** @property birth - what the session is made of, at the time by the log's clock @property active - sessions there are now */
  | { readonly type: 'placed'; readonly birth: Birth; readonly active: number | null }
  /** Another process was faster: the place is taken, or the room, or it made this very session. There is no new one. */
  | { readonly type: 'overtaken' }
  /** The log is away, and there is no such session. */
  | { readonly type: 'unavailable' }

/** Hears what other processes do. */
export interface CommandLogWatcher {
  /** Another one has made a session. @param active - sessions there are now; `null`: not known, or no more than before */
  created(id: SessionId, active: number | null): void
  /** It has ended, so its streams are closed. @param isKilled - it did not say so, which took a moment to find out */
  lost(node: NodeId, isKilled: boolean): void
  /**
   * What was followed here is not what the log has: it is to be loaded anew.
   * @param isForked - what was carried out here, and perhaps shown, is not in the log any more
   */
  dropped(id: SessionId, isForked: boolean): void
}

/**
 * Where the commands of sessions get their order. A command counts once it has its place, and every
 * replica that applies the same commands in the same order is in the same state.
 */
export interface CommandLog {
  /** This process, among all that carry out the same sessions. */
  readonly node: NodeId
  /** Whether sessions outlive this process, and others may carry them out as well. */
  readonly isDurable: boolean
  /** Whether commands have a chance to find a place now. */
  readonly isAvailable: boolean
  /** Processes that run, as far as is known; this one among them. */
  readonly nodes: ReadonlySet<NodeId>
  /** What every one of them can carry out: the semantics of new sessions. */
  readonly semantics: number
  /** From here on this one is told. */
  watch(watcher: CommandLogWatcher): void
  /**
   * Gives a new session its log.
   * @param placed - called once, in memory before this returns
   */
  create(creation: Creation, placed: (placed: Placed) => void): void
  /** Follows a session's commands from here on; it was created or loaded before. */
  follow(id: SessionId, follower: Follower): SessionCommandLog
  /** A session is over: its log is not needed any more. */
  end(id: SessionId): void
  /** There is nothing of a session that is listed, or nothing that can be read: it takes nobody's place any more. */
  unlist(id: SessionId): Promise<void>
  /** The sessions that are not over, and some that are, as far as the log knows. */
  known(): Promise<{ readonly live: readonly SessionId[]; readonly ended: readonly SessionId[] }>
  /** Which session has a room, over all processes. @throws when the log is away */
  inRoom(room: Room): Promise<SessionId | null>
  /**
   * Reads what is there of a session and carries it out.
   * @param restore - makes what follows, of its first entry or of what was persisted later
   * @returns `false`: there is nothing
   * @throws {UnreadableSession} when it cannot be carried out
   * @throws when the log is away
   */
  load(id: SessionId, restore: (from: Birth | PersistedSession) => Follower): Promise<boolean>
  /**
   * Whether what was written is where it must be before it may be acknowledged.
   * @param then - called once, in memory before this returns
   */
  confirm(then: (isKept: boolean) => void): void
  /** A session is not carried out here, and not over: another process may have it. */
  letGo(id: SessionId): void
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
  /**
   * Carries out what the log has by now.
   * @param then - called once when that is done, or cannot be since the log is away: then what is here may be old;
   * in memory before this returns
   */
  catchUp(then: (isFresh: boolean) => void): void
}
