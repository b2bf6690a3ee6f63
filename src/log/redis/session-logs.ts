import type { NodeId, Room, SessionId } from '../../../machines/ids.js'
import type { SessionSettings } from '../../../machines/session/context.js'
import type { Logger } from '../../platform/logger.js'
import type { Follower } from '../../runtime/command-log.js'
import type { LogFigures } from '../../runtime/log-figures.js'
import { type Birth, type PersistedSession, UnreadableSession } from '../../runtime/persisted-session.js'
import type { Burials } from './burials.js'
import { AWAY_MS, type Connection, within } from './connection.js'
import { birthOf, type Entry, entriesOf, type Place, snapshotOf } from './entry.js'
import { keysOf } from './keys.js'
import { Nonces } from './nonces.js'
import { LOAD } from './scripts.js'
import type { SessionList } from './session-list.js'
import { SessionLog } from './session-log.js'

/** How long Redis keeps a session that no process has, in milliseconds, beyond its idle timeout. */
const LEFT_MS = 60 * 60_000

export interface SessionLogsOptions {
  readonly connection: Connection
  /** This process. */
  readonly node: NodeId
  readonly logger: Logger
  readonly list: SessionList
  readonly burials: Burials
  readonly figures: LogFigures
  /** Rises with every call, across all sessions of this process. */
  readonly nextNonce: () => string
  /** A session here no longer matches its log, and is no longer followed. See {@link SessionLog}. */
  readonly dropped: (id: SessionId, isForked: boolean) => void
}

/** The logs of the sessions that run here. */
export class SessionLogs {
  readonly #options: SessionLogsOptions
  readonly #kept = new Map<SessionId, Kept>()

  constructor(options: SessionLogsOptions) {
    this.#options = options
  }

  /** Whether commands are waiting for their place. */
  get isBusy(): boolean {
    return [...this.#kept.values()].some(({ log }) => log.isBusy)
  }

  ids(): Iterable<SessionId> {
    return this.#kept.keys()
  }

  has(id: SessionId): boolean {
    return this.#kept.has(id)
  }

  find(id: SessionId): SessionLog | undefined {
    return this.#kept.get(id)?.log
  }

  /** The room of a session; `null`: it has none, or does not run here. */
  roomOf(id: SessionId): Room | null {
    return this.#kept.get(id)?.room ?? null
  }

  /** Every session with its room. */
  rooms(): ReadonlyMap<SessionId, Room | null> {
    return new Map([...this.#kept].map(([id, { room }]) => [id, room]))
  }

  /** A new session, whose log has one entry. */
  begin(input: Birth['input'], place: Place): void {
    this.#keep(input.id, { follower: NOBODY, input, place, nonces: [] })
  }

  follow(id: SessionId, follower: Follower): SessionLog {
    const log = this.find(id)
    if (log === undefined) throw new Error('a session is followed that was neither created nor loaded')
    log.follow(follower)
    return log
  }

  /** Stops following a session. */
  delete(id: SessionId): void {
    this.#kept.delete(id)
  }

  /**
   * Reads whatever there is of a session and carries it out.
   * @returns `false`: there is nothing, or the session is over
   * @throws {UnreadableSession} when it cannot be carried out
   * @throws when Redis does not answer
   */
  async load(id: SessionId, restore: (from: Birth | PersistedSession) => Follower): Promise<boolean> {
    const { connection, figures, burials } = this.#options
    const { log, snap } = keysOf(id)
    const reply = await within(AWAY_MS, connection.run(LOAD, [log, snap], []))
    // It has ended here meanwhile, and Redis does not know yet.
    if (burials.has(id)) return false
    try {
      const isThere = this.#carryOut(id, reply, restore)
      if (isThere) figures.loads.done += 1
      return isThere
    } catch (error) {
      figures.loads.unreadable += 1
      throw new UnreadableSession(error)
    }
  }

  #carryOut(id: SessionId, reply: unknown, restore: (from: Birth | PersistedSession) => Follower): boolean {
    const [text, behind] = Array.isArray(reply) ? reply : []
    const entries = entriesOf(behind)
    const [first] = entries
    if (typeof text === 'string') {
      const { session, nonces, place } = snapshotOf(text)
      const { input } = session.birth
      this.#open(id, { follower: restore(session), input, place, nonces }, entries)
    } else if (first !== undefined) {
      if (first.place.seq !== 1) throw new Error('a log has lost its beginning')
      const birth = birthOf(first)
      const { place } = first
      this.#open(id, { follower: restore(birth), input: birth.input, place, nonces: [] }, entries)
    } else {
      return false
    }
    return true
  }

  #open(id: SessionId, opening: Opening, entries: readonly Entry[]): void {
    const log = this.#keep(id, opening)
    try {
      log.carryOut(entries)
    } catch (error) {
      this.#kept.delete(id)
      throw error
    }
    // Whatever was announced while it was being loaded was announced to nobody.
    log.catchUp(() => {})
  }

  #keep(id: SessionId, { follower, input, place, nonces }: Opening): SessionLog {
    const { connection, node, logger, list, burials, figures, nextNonce, dropped } = this.#options
    const log = new SessionLog(follower, {
      connection,
      node,
      id,
      keys: keysOf(id),
      ttlMs: ttlOf(input.settings),
      nextNonce,
      nonces: new Nonces(nonces),
      place,
      figures,
      isOver: () => list.isOver(id),
      onFault: (error) => logger.error({ err: error, session_id: id }, 'command log failed'),
      onDropped: (isForked) => {
        if (this.find(id) !== log) return
        this.#kept.delete(id)
        dropped(id, isForked)
      },
    })
    this.#kept.set(id, { log, room: input.room ?? null })
    burials.delete(id)
    return log
  }
}

/** How long Redis keeps the log of a session to which nobody adds, in milliseconds. */
export function ttlOf({ idleMs }: SessionSettings): number {
  return idleMs + LEFT_MS
}

interface Kept {
  readonly log: SessionLog
  readonly room: Room | null
}

/** A session as far as it has been read. */
interface Opening {
  readonly follower: Follower
  readonly input: Birth['input']
  readonly place: Place
  readonly nonces: Nonces['entries']
}

/** Stands in until a session is followed, which is before anything can be proposed. */
const NOBODY: Follower = {
  apply: () => {
    throw new Error('nobody follows')
  },
  refuses: () => null,
  persisted: () => {
    throw new Error('nobody follows')
  },
}
