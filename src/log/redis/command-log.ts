import { randomBytes } from 'node:crypto'
import type { SessionId } from '../../../machines/ids.js'
import type { SessionSettings } from '../../../machines/session/context.js'
import type { Logger } from '../../platform/logger.js'
import type { CommandLog, Follower } from '../../runtime/command-log.js'
import { type Birth, type PersistedSession, UnreadableSession } from '../../runtime/persisted-session.js'
import { AWAY_MS, Connection, isErrorReply } from './connection.js'
import { birthOf, birthText, type Entry, entriesOf, placeOf, snapshotOf } from './entry.js'
import { ENDED, keysOf, LIVE } from './keys.js'
import { Nonces } from './nonces.js'
import { Lease } from './lease.js'
import { CREATE, LOAD } from './scripts.js'
import { SessionLog } from './session-log.js'

const PATIENCE_MS = 10_000
/** The process before may be ending. */
const HOLDER_PATIENCE_MS = 30_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const TIDY_MS = 2 * MINUTE_MS
/** What is there of a session that is over is kept so long, in milliseconds. */
const OVER_MS = 10 * MINUTE_MS
/** A session that nobody adds to, since no process has it, is kept so long beyond its idle time, in milliseconds. */
const LEFT_MS = HOUR_MS
/** How long the list of sessions is kept; longer than any of them can idle, in milliseconds. */
const LIST_MS = 8 * 24 * HOUR_MS
/** Sessions that are over and known. */
const ENDED_MAX = 1_000
/** Sessions that are made at one time; more are told at once that the log is away. */
const CREATES_MAX = 256
/** Sessions that are over and of which Redis does not know yet; the oldest ones end there with their time. */
const UNBURIED_MAX = 10_000
/** An answer may be late on its way back, in milliseconds. */
const ANSWER_MS = 200
/** How often what is under way is looked at when it is closed, in milliseconds. */
const LOOK_MS = 5
const NAME_BYTES = 6

export interface RedisLogOptions {
  /** `redis://` or `rediss://`, credentials and all. */
  readonly url: string
  readonly logger: Logger
  /** How long it may take until it is there, in milliseconds; default 10 seconds: it may be starting as well. */
  readonly patienceMs?: number
  /** Whether this process is the one that carries the sessions out, and waits until no other does; default: it looks on. */
  readonly isHolder?: boolean
  /** How often what is over is cleared, if it could not be at once, in milliseconds; default two minutes. */
  readonly tidyMs?: number
}

/** Sessions in Redis or Valkey: they outlive this process, and what was answered is written there first. */
export class RedisLog implements CommandLog {
  readonly isDurable = true
  readonly #connection: Connection
  readonly #logger: Logger
  readonly #tidyMs: number
  readonly #lease: Lease
  /** This process, among all that ever proposed something. */
  readonly #name = randomBytes(NAME_BYTES).toString('base64url')
  readonly #logs = new Map<SessionId, SessionLog>()
  /** Sessions that are over, as long as Redis does not know. */
  readonly #unburied = new Set<SessionId>()
  #creates = 0
  #count = 0
  #tidiedAt = performance.now()

  private constructor(connection: Connection, { logger, tidyMs = TIDY_MS }: RedisLogOptions) {
    this.#connection = connection
    this.#logger = logger
    this.#tidyMs = tidyMs
    this.#lease = new Lease(connection, this.#name, logger)
    connection.watch({
      connected: () => this.#list(),
      beat: () => {
        this.#lease.renew()
        this.#tidy()
      },
    })
  }

  /** @throws {ConfigError} when Redis is not fit to keep sessions @throws when it is not there, or somebody else's */
  static async open(options: RedisLogOptions): Promise<RedisLog> {
    const { url, logger, patienceMs, isHolder = false } = options
    const log = new RedisLog(await Connection.open(url, logger, patienceMs ?? PATIENCE_MS), options)
    if (!isHolder) return log
    try {
      await log.#lease.take(patienceMs ?? HOLDER_PATIENCE_MS)
      return log
    } catch (error) {
      await log.close()
      throw error
    }
  }

  get isAvailable(): boolean {
    return this.#connection.isAvailable
  }

  /** The time of Redis, or a moment before it: what a process that keeps its sessions there takes for the time of day. */
  now(): number {
    return this.#connection.now()
  }

  create(birth: Birth, placed: (birth: Birth | null) => void): void {
    if (!this.isAvailable || this.#creates >= CREATES_MAX) {
      placed(null)
      return
    }
    let isOver = false
    const once = (found: Birth | null) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      this.#contained(() => placed(found))
    }
    const timer = setTimeout(() => once(null), AWAY_MS + ANSWER_MS)
    this.#creates += 1
    this.#created(birth)
      .catch(() => null)
      .then((found) => {
        this.#creates -= 1
        // It is there, and nobody knows of it.
        if (found !== null && isOver) this.end(birth.input.id)
        once(found)
      })
  }

  follow(id: SessionId, follower: Follower): SessionLog {
    const log = this.#logs.get(id)
    if (log === undefined) throw new Error('a session is followed that was neither created nor loaded')
    log.follow(follower)
    return log
  }

  end(id: SessionId): void {
    this.#logs.delete(id)
    this.#unburied.add(id)
    const [oldest] = this.#unburied
    if (this.#unburied.size > UNBURIED_MAX && oldest !== undefined) this.#unburied.delete(oldest)
    this.#bury(id)
  }

  async known(): Promise<{ readonly live: readonly SessionId[]; readonly ended: readonly SessionId[] }> {
    const [live, ended] = await Promise.all([
      this.#connection.call('ZRANGE', LIVE, '0', '-1', 'REV'),
      this.#connection.call('ZRANGE', ENDED, String(-ENDED_MAX), '-1'),
    ])
    return { live: idsOf(live), ended: idsOf(ended) }
  }

  async load(id: SessionId, restore: (from: Birth | PersistedSession) => Follower): Promise<boolean> {
    const { log, snap } = keysOf(id)
    const reply = await this.#connection.run(LOAD, [log, snap], [])
    try {
      return this.#carryOut(id, reply, restore)
    } catch (error) {
      throw new UnreadableSession(error)
    }
  }

  #carryOut(id: SessionId, reply: unknown, restore: (from: Birth | PersistedSession) => Follower): boolean {
    const [text, behind] = Array.isArray(reply) ? reply : []
    const entries = entriesOf(behind)
    const [first] = entries
    if (typeof text === 'string') {
      const { session, nonces, place } = snapshotOf(text)
      this.#open(
        id,
        { follower: restore(session), settings: session.birth.input.settings, place, nonces },
        entries,
      )
    } else if (first !== undefined) {
      if (first.place.seq !== 1) throw new Error('a log has lost its beginning')
      const birth = birthOf(first)
      const { place } = first
      this.#open(id, { follower: restore(birth), settings: birth.input.settings, place, nonces: [] }, entries)
    } else {
      return false
    }
    return true
  }

  /** What is under way has the time that it was given. */
  async close(): Promise<void> {
    const until = performance.now() + AWAY_MS
    const isBusy = () => [...this.#logs.values()].some((log) => log.isBusy)
    while (isBusy() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    if (this.isAvailable) {
      const late = new Promise((resolve) => setTimeout(resolve, AWAY_MS).unref())
      await Promise.race([this.#lease.release().catch(() => {}), late])
    }
    await this.#connection.close()
  }

  async #created(birth: Birth): Promise<Birth | null> {
    const { id, settings } = birth.input
    const { log } = keysOf(id)
    const text = birthText(birth)
    const notAfter = this.now() + AWAY_MS
    const ttlMs = ttlOf(settings)
    const reply = await this.#connection.run(CREATE, [log], [String(notAfter), String(ttlMs), text])
    const [status, first] = Array.isArray(reply) ? reply : []
    if (status !== 'ok') return null
    const place = placeOf(first)
    // Only now: what is listed is gone on with by the next process. A log that is not listed ends with its time.
    try {
      await Promise.all([
        this.#connection.call('ZADD', LIVE, String(this.now()), id),
        this.#connection.call('PEXPIRE', LIVE, String(LIST_MS)),
      ])
    } catch (error) {
      this.end(id)
      throw error
    }
    const made = birthOf({ place, nonce: '', text })
    this.#logs.set(id, this.#sessionLog(id, { follower: NOBODY, settings, place, nonces: [] }))
    return made
  }

  #open(id: SessionId, opening: Opening, entries: readonly Entry[]): void {
    const log = this.#sessionLog(id, opening)
    log.catchUp(entries)
    this.#logs.set(id, log)
  }

  #sessionLog(id: SessionId, { follower, settings, place, nonces }: Opening): SessionLog {
    return new SessionLog(follower, {
      connection: this.#connection,
      keys: keysOf(id),
      ttlMs: ttlOf(settings),
      nextNonce: () => `${this.#name}.${++this.#count}`,
      nonces: new Nonces(nonces),
      place,
      onFault: (error) => this.#logger.error({ err: error, session_id: id }, 'command log failed'),
    })
  }

  /** What could not be said is said again, and the list of sessions is kept. */
  #tidy(): void {
    if (performance.now() - this.#tidiedAt < this.#tidyMs) return
    this.#tidiedAt = performance.now()
    for (const id of this.#unburied) this.#bury(id)
    this.#list()
  }

  /** What is tidied next is listed again, if the connection breaks meanwhile. */
  #list(): void {
    const members = [...this.#logs.keys()].flatMap((id) => [String(this.now()), id])
    if (members.length === 0) return
    Promise.all([
      this.#connection.call('ZADD', LIVE, 'NX', ...members),
      this.#connection.call('PEXPIRE', LIVE, String(LIST_MS)),
    ]).catch((error: unknown) => {
      if (isErrorReply(error)) this.#logger.warn({ err: error }, 'list of sessions not kept')
    })
  }

  #bury(id: SessionId): void {
    const { log, snap } = keysOf(id)
    const now = this.now()
    const overMs = String(OVER_MS)
    Promise.all([
      this.#connection.call('PEXPIRE', log, overMs),
      this.#connection.call('PEXPIRE', snap, overMs),
      this.#connection.call('ZREM', LIVE, id),
      this.#connection.call('ZADD', ENDED, String(now), id),
      this.#connection.call('ZREMRANGEBYSCORE', ENDED, '-inf', String(now - OVER_MS)),
      this.#connection.call('ZREMRANGEBYRANK', ENDED, '0', String(-ENDED_MAX - 1)),
      this.#connection.call('PEXPIRE', ENDED, overMs),
    ]).then(
      () => this.#unburied.delete(id),
      () => {
        // Redis is away; it is told when it is back.
      },
    )
  }

  #contained(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#logger.error({ err: error }, 'command log failed')
    }
  }
}

/** A session at the place that was reached. */
interface Opening {
  readonly follower: Follower
  readonly settings: SessionSettings
  readonly place: ReturnType<typeof placeOf>
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

function ttlOf({ idleMs }: SessionSettings): number {
  return idleMs + LEFT_MS
}

function idsOf(reply: unknown): readonly SessionId[] {
  return Array.isArray(reply) ? reply : []
}
