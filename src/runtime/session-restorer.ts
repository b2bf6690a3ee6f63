import type { Room, SessionId, Version } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { CommandLog } from './command-log.js'
import { type Birth, type PersistedSession, UnreadableSession } from './persisted-session.js'
import type { SessionIndex } from './session-index.js'
import type { Failure, SessionReplica } from './session-replica.js'

/** Sessions read at the same time because somebody asks for them; beyond that the log counts as away. */
const LOADS_MAX = 256

/** Sessions read at most because a creation was refused; the next such look reads more. */
const LOOKED_AT_MAX = 16

/** Milliseconds between two attempts to read what the log has. */
const RELOAD_MS = 500

export type Reloaded = (replica: SessionReplica | null, isForked: boolean) => void

export interface RestorerOptions {
  readonly clock: Clock
  readonly commandLog: CommandLog
  readonly index: SessionIndex
  /** Listed sessions are brought here only up to this many; one asked for by its id always is. */
  readonly sessionsMax: number
  readonly replica: (from: Birth | PersistedSession) => SessionReplica
  /** A session, not over, is now here as its log has it. */
  readonly restored: (replica: SessionReplica) => void
  /** A session cannot be read and is not continued here. */
  readonly unreadable: (id: SessionId, error: unknown) => void
}

/** Brings here the sessions that other processes made, or this one's predecessor. */
export class SessionRestorer {
  readonly #options: RestorerOptions
  /** Sessions being read; whoever asks for one of them waits for that read. */
  readonly #restoring = new Map<SessionId, Promise<boolean | 'elsewhere'>>()
  #look: Promise<number> | null = null

  constructor(options: RestorerOptions) {
    this.#options = options
  }

  /**
   * Reads a session that is not here.
   * @param then - called once; `false`: it is not known whether there is one
   */
  load(id: SessionId, then: (isKnown: boolean) => void): void {
    const isFull = this.#restoring.size >= LOADS_MAX && !this.#restoring.has(id)
    if (isFull || !this.#options.commandLog.isAvailable) {
      then(false)
      return
    }
    this.restore(id).then(
      (found) => then(found !== 'elsewhere'),
      () => then(false),
    )
  }

  /**
   * Reads a session that is not here. One that cannot be read does not affect the others.
   * @returns whether there was anything; `elsewhere`: only another release can carry it out
   * @throws when the log is away
   */
  restore(id: SessionId): Promise<boolean | 'elsewhere'> {
    // Reading it again would take the log away from the one that is here.
    if (this.#options.index.find(id) !== undefined) return Promise.resolve(true)
    const restoring = this.#restoring.get(id) ?? this.#restore(id).finally(() => this.#restoring.delete(id))
    this.#restoring.set(id, restoring)
    return restoring
  }

  /**
   * {@link restore}, for a listed session. If there is nothing of it, its place is freed.
   * @returns whether there was anything
   * @throws when the log is away
   */
  async restoreListed(id: SessionId): Promise<boolean> {
    if ((await this.restore(id)) !== false) return true
    await this.#options.commandLog.unlist(id)
    return false
  }

  async #restore(id: SessionId): Promise<boolean | 'elsewhere'> {
    let replica: SessionReplica | null
    try {
      replica = await this.#read(id)
    } catch (error) {
      if (!(error instanceof UnreadableSession)) throw error
      return this.#leave(id, error) ? 'elsewhere' : true
    }
    if (replica === null) return false
    if (this.#options.index.find(id) === undefined) this.#takeUp(replica)
    return true
  }

  /**
   * Reads a session again that no longer matches the log, retrying for as long as the log is away.
   * @param shown - the newest version that readers were shown
   * @param then - called with what the log has, and whether the log has lost what was shown; `null`: there is
   * nothing that can be continued, or it threw when it was continued
   */
  reload(id: SessionId, shown: Version, isForked: boolean, then: Reloaded): void {
    this.#reload(id, shown, isForked, then).catch((error: unknown) => {
      this.#leave(id, error)
      then(null, false)
    })
  }

  /** @throws {UnreadableSession} and what `then` throws */
  async #reload(id: SessionId, shown: Version, isForked: boolean, then: Reloaded): Promise<void> {
    const later = () => {
      setTimeout(() => this.reload(id, shown, isForked, then), RELOAD_MS).unref()
    }
    let replica: SessionReplica | null
    try {
      replica = await this.#read(id)
    } catch (error) {
      if (error instanceof UnreadableSession) throw error
      return later()
    }
    if (replica === null) {
      this.#options.index.remember(id)
      return then(null, false)
    }
    if (replica.failure !== null) {
      this.#abandon(replica, replica.failure)
      return then(null, false)
    }
    const { version } = replica.snapshot.context
    const hasLost = isForked || version < shown
    if (!hasLost || version > shown || replica.hasEnded) return then(replica, hasLost)
    const command = { type: 'log.forked', at: this.#options.clock.now(), version: shown } as const
    this.#options.commandLog.follow(id, replica).propose(command, ({ type }) => {
      if (type === 'unavailable') later()
      else then(replica, true)
    })
  }

  /** @returns `null`: there is nothing @throws {UnreadableSession} @throws when the log is away */
  async #read(id: SessionId): Promise<SessionReplica | null> {
    const { commandLog, replica: make } = this.#options
    let replica: SessionReplica | null = null
    const isThere = await commandLog.load(id, (from) => {
      replica = make(from)
      return replica
    })
    return isThere ? replica : null
  }

  /**
   * Brings the session here that has this room.
   * @returns its id, if only another release can carry it out
   * @throws when the log is away
   */
  async lookIn(room: Room | null): Promise<SessionId | null> {
    const { commandLog } = this.#options
    const id = room === null ? null : await commandLog.inRoom(room)
    return id !== null && (await this.restore(id)) === 'elsewhere' ? id : null
  }

  /**
   * Brings listed sessions here, as far as there is room for them, and has those that are not listed catch up
   * with their logs, which ends them if they are over. One look at a time.
   * @returns how many are listed and not here
   * @throws when the log is away
   */
  lookAround(): Promise<number> {
    this.#look ??= this.#lookAround().finally(() => {
      this.#look = null
    })
    return this.#look
  }

  async #lookAround(): Promise<number> {
    const { commandLog, index, sessionsMax } = this.#options
    const { live } = await commandLog.known()
    // Whoever ended it may have been killed before saying so.
    await Promise.all(live.filter((id) => index.hasEnded(id)).map((id) => commandLog.unlist(id)))
    const empty = new Set<SessionId>()
    const missingOf = () =>
      live.filter((id) => index.find(id) === undefined && !index.hasEnded(id) && !empty.has(id))
    const listed = new Set(live)
    const unlisted = [...index.hosts()].filter(({ id }) => !listed.has(id))
    await Promise.all(unlisted.map((host) => new Promise((resolve) => host.catchUp(resolve))))
    const wanted = missingOf().slice(0, LOOKED_AT_MAX)
    while (wanted.length > 0 && index.size < sessionsMax) {
      const batch = wanted.splice(0, sessionsMax - index.size)
      await Promise.all(
        batch.map(async (id) => {
          // What cannot be read now counts as elsewhere.
          if (!(await this.restoreListed(id).catch(() => true))) empty.add(id)
        }),
      )
    }
    return missingOf().length
  }

  #takeUp(replica: SessionReplica): void {
    const { id, hasEnded, failure } = replica
    if (hasEnded) {
      this.#options.commandLog.end(id)
      this.#options.index.remember(id)
    } else if (failure !== null) {
      this.#abandon(replica, failure)
    } else {
      this.#options.restored(replica)
    }
  }

  /** Its actor failed while it was read, and could not be restarted. */
  #abandon(replica: SessionReplica, { error }: Failure): void {
    replica.stop()
    this.#options.commandLog.letGo(replica.id)
    this.#leave(replica.id, error)
  }

  /** Leaves a session in its log. @returns whether another release can carry it out; otherwise nobody can */
  #leave(id: SessionId, error: unknown): boolean {
    this.#options.unreadable(id, error)
    const isElsewhere = error instanceof UnreadableSession && error.reason === 'other_release'
    if (!isElsewhere) {
      this.#options.index.remember(id)
      void this.#options.commandLog.unlist(id)
    }
    return isElsewhere
  }
}
