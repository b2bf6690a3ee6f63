import { randomBytes } from 'node:crypto'
import type { NodeId, Room, SessionId } from '../../../machines/ids.js'
import type { SessionSettings } from '../../../machines/session/context.js'
import type { Logger } from '../../platform/logger.js'
import type { LogAck } from '../../platform/setting.js'
import type { CommandLog, CommandLogWatcher, Creation, Follower, Placed } from '../../runtime/command-log.js'
import { LogFigures } from '../../runtime/log-figures.js'
import { type Birth, type PersistedSession, UnreadableSession } from '../../runtime/persisted-session.js'
import { Burials, type Grave } from './burials.js'
import { Comparison } from './comparison.js'
import { AWAY_MS, Connection, isErrorReply, within } from './connection.js'
import { birthOf, birthText, type Entry, entriesOf, type Place, placeOf, snapshotOf } from './entry.js'
import { BUCKET_CHANNELS, CREATED, keysOf, nodeChannel } from './keys.js'
import { Nodes } from './nodes.js'
import { Nonces } from './nonces.js'
import { CREATE, LOAD } from './scripts.js'
import { SessionList } from './session-list.js'
import { SessionLog } from './session-log.js'
import { Subscription } from './subscription.js'

const PATIENCE_MS = 10_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const TIDY_MS = 2 * MINUTE_MS
/** A session that nobody adds to, since no process has it, is kept so long beyond its idle time, in milliseconds. */
const LEFT_MS = HOUR_MS
/** Sessions that are made at one time; more are told at once that the log is away. */
const CREATES_MAX = 256
/** An answer may be late on its way back, in milliseconds. */
const ANSWER_MS = 200
/** How often what is under way is looked at when it is closed, in milliseconds. */
const LOOK_MS = 5
const NAME_BYTES = 6

const UNAVAILABLE: Placed = { type: 'unavailable' }

export interface RedisLogOptions {
  /** `redis://` or `rediss://`, credentials and all. */
  readonly url: string
  readonly logger: Logger
  /** How long it may take until it is there, in milliseconds; default 10 seconds: it may be starting as well. */
  readonly patienceMs?: number
  /** Where an entry must be before its command is acknowledged; default: written. */
  readonly ack?: LogAck
  /** How often what is over is cleared, if it could not be at once, in milliseconds; default two minutes. */
  readonly tidyMs?: number
  /** Where it says how it is doing. */
  readonly figures?: LogFigures
}

/**
 * Sessions in Redis or Valkey: they outlive this process, what was answered is written there first, and any number
 * of processes carry them out, each all of them.
 */
export class RedisLog implements CommandLog {
  readonly isDurable = true
  readonly node: NodeId
  readonly #connection: Connection
  readonly #logger: Logger
  readonly #tidyMs: number
  readonly #figures: LogFigures
  readonly #nodes: Nodes
  readonly #list: SessionList
  readonly #burials: Burials
  readonly #comparison: Comparison
  readonly #subscription: Subscription
  readonly #logs = new Map<SessionId, Kept>()
  /** Sessions that are being made here: they may be listed by now, and nobody is to load them. */
  readonly #creating = new Set<SessionId>()
  #watcher: CommandLogWatcher = { created: () => {}, lost: () => {}, dropped: () => {} }
  #count = 0
  #tidiedAt = performance.now()
  #isClosing = false

  private constructor(connection: Connection, options: RedisLogOptions) {
    const { logger, tidyMs = TIDY_MS, figures = new LogFigures() } = options
    this.#connection = connection
    this.#logger = logger
    this.#tidyMs = tidyMs
    this.#figures = figures
    this.node = randomBytes(NAME_BYTES).toString('base64url') as NodeId
    this.#list = new SessionList(connection, this.node)
    this.#burials = new Burials(this.#list, () => this.#nextNonce())
    this.#comparison = new Comparison({
      connection,
      list: this.#list,
      followed: () => this.#logs.keys(),
      isKnown: (id) => this.#logs.has(id) || this.#burials.has(id) || this.#creating.has(id),
      found: (id) => this.#watcher.created(id, null),
      check: async (id, head) => this.#logs.get(id)?.log.check(head),
      failed: (error) => this.#complain(error, 'comparison with the log'),
    })
    this.#nodes = new Nodes(connection, this.node, (node, isKilled) =>
      this.#contained(() => this.#watcher.lost(node, isKilled)),
    )
    this.#subscription = new Subscription({
      connection,
      channels: [...BUCKET_CHANNELS, CREATED, nodeChannel(this.node)],
      heard: (channel, text) => this.#contained(() => this.#hear(channel, text)),
      begun: () => this.#comparison.begin(),
    })
    connection.watch({
      connected: () => {
        this.#burials.repeat()
        this.#keepListed()
        this.#comparison.begin()
      },
      beat: () => {
        this.#figures.answered()
        this.#beat()
      },
    })
  }

  /** @throws {ConfigError} when Redis is not fit to keep sessions @throws when it is not there */
  static async open(options: RedisLogOptions): Promise<RedisLog> {
    const { url, logger, patienceMs, ack } = options
    const connection = await Connection.open(url, logger, patienceMs ?? PATIENCE_MS, ack)
    const log = new RedisLog(connection, options)
    try {
      await log.#nodes.renew()
      log.#figures.answered()
      return log
    } catch (error) {
      await log.close()
      throw error
    }
  }

  get isAvailable(): boolean {
    return this.#connection.isAvailable
  }

  get nodes(): ReadonlySet<NodeId> {
    return this.#nodes.running
  }

  get semantics(): number {
    return this.#nodes.semantics
  }

  /** The time of Redis, or a moment before it: what a process that keeps its sessions there takes for the time of day. */
  now(): number {
    return this.#connection.now()
  }

  watch(watcher: CommandLogWatcher): void {
    this.#watcher = watcher
  }

  create(creation: Creation, placed: (placed: Placed) => void): void {
    if (!this.isAvailable || this.#creating.size >= CREATES_MAX) {
      placed(UNAVAILABLE)
      return
    }
    const { id, room = null } = creation.birth.input
    let isOver = false
    const once = (found: Placed) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      this.#contained(() => placed(found))
    }
    const timer = setTimeout(() => once(UNAVAILABLE), AWAY_MS + ANSWER_MS)
    this.#creating.add(id)
    this.#created(creation)
      .catch(() => UNAVAILABLE)
      .then((found) => {
        // It is there, and nobody knows of it.
        if (found.type === 'placed' && isOver) this.#bury(id, { room, isOpen: true })
        once(found)
        this.#creating.delete(id)
      })
  }

  follow(id: SessionId, follower: Follower): SessionLog {
    const kept = this.#logs.get(id)
    if (kept === undefined) throw new Error('a session is followed that was neither created nor loaded')
    kept.log.follow(follower)
    return kept.log
  }

  end(id: SessionId): void {
    this.#bury(id, { room: this.#logs.get(id)?.room ?? null, isOpen: false })
  }

  unlist(id: SessionId): Promise<void> {
    return this.#list.unlist(id).catch((error: unknown) => this.#complain(error, 'list of sessions'))
  }

  async known(): Promise<{ readonly live: readonly SessionId[]; readonly ended: readonly SessionId[] }> {
    const { live, ended } = await within(AWAY_MS, this.#list.known())
    return { live: live.filter((id) => !this.#creating.has(id)), ended }
  }

  async inRoom(room: Room): Promise<SessionId | null> {
    const id = await within(AWAY_MS, this.#list.inRoom(room))
    return id === null || this.#creating.has(id) ? null : id
  }

  async load(id: SessionId, restore: (from: Birth | PersistedSession) => Follower): Promise<boolean> {
    const { log, snap } = keysOf(id)
    if (this.#creating.has(id)) throw new Error('the session is being made')
    const reply = await within(AWAY_MS, this.#connection.run(LOAD, [log, snap], []))
    // It has ended here meanwhile, and Redis does not know.
    if (this.#burials.has(id)) return false
    try {
      const isThere = this.#carryOut(id, reply, restore)
      if (isThere) this.#figures.loads.done += 1
      return isThere
    } catch (error) {
      this.#figures.loads.unreadable += 1
      throw new UnreadableSession(error)
    }
  }

  confirm(then: (isKept: boolean) => void): void {
    if (this.#connection.ack === 'written') then(true)
    else
      this.#connection.isKept().then(
        (isKept) => this.#contained(() => then(isKept)),
        () => this.#contained(() => then(false)),
      )
  }

  letGo(id: SessionId): void {
    this.#logs.delete(id)
  }

  /** What is under way has the time that it was given. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#comparison.close()
    const until = performance.now() + AWAY_MS
    const isBusy = () => [...this.#logs.values()].some(({ log }) => log.isBusy)
    while (isBusy() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    this.#subscription.close()
    if (this.isAvailable) {
      const late = new Promise((resolve) => setTimeout(resolve, AWAY_MS).unref())
      await Promise.race([this.#nodes.leave().catch(() => {}), late])
    }
    await this.#connection.close()
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

  async #created(creation: Creation): Promise<Placed> {
    const { birth } = creation
    const { id, settings, room = null } = birth.input
    const { log } = keysOf(id)
    const text = birthText(birth)
    const notAfter = this.now() + AWAY_MS
    const ttlMs = ttlOf(settings)
    const reply = await this.#connection.run(CREATE, [log], [String(notAfter), String(ttlMs), text])
    const [status, first] = Array.isArray(reply) ? reply : []
    if (status !== 'ok') return UNAVAILABLE
    // Only now: what is listed is gone on with by every process. A log that is not listed ends with its time.
    let active: number | 'overtaken' | 'late'
    try {
      active = await this.#list.admit(creation, notAfter)
      if (typeof active === 'number' && !(await this.#connection.isKept())) active = 'late'
    } catch (error) {
      this.#bury(id, { room, isOpen: true })
      throw error
    }
    if (active === 'late') this.#bury(id, { room, isOpen: true })
    if (active === 'overtaken') this.#connection.call('DEL', log).catch(() => {})
    if (typeof active !== 'number') return active === 'overtaken' ? { type: 'overtaken' } : UNAVAILABLE
    const place = placeOf(first)
    const made = birthOf({ place, nonce: '', text })
    this.#keep(id, { follower: NOBODY, input: made.input, place, nonces: [] })
    return { type: 'placed', birth: made, active }
  }

  #open(id: SessionId, opening: Opening, entries: readonly Entry[]): void {
    const log = this.#keep(id, opening)
    try {
      log.carryOut(entries)
    } catch (error) {
      this.#logs.delete(id)
      throw error
    }
    // What was said while it was loaded was said to nobody.
    log.catchUp(() => {})
  }

  #keep(id: SessionId, { follower, input, place, nonces }: Opening): SessionLog {
    const log = new SessionLog(follower, {
      connection: this.#connection,
      node: this.node,
      id,
      keys: keysOf(id),
      ttlMs: ttlOf(input.settings),
      nextNonce: () => this.#nextNonce(),
      nonces: new Nonces(nonces),
      place,
      figures: this.#figures,
      isOver: () => this.#list.isOver(id),
      onFault: (error) => this.#logger.error({ err: error, session_id: id }, 'command log failed'),
      onDropped: (isForked) => {
        if (this.#logs.get(id)?.log !== log) return
        this.#logs.delete(id)
        this.#watcher.dropped(id, isForked)
      },
    })
    this.#logs.set(id, { log, room: input.room ?? null })
    this.#burials.delete(id)
    return log
  }

  #hear(channel: string, text: string): void {
    const [first = '', second = '', third = ''] = text.split(' ')
    if (channel !== CREATED) {
      this.#logs.get(second as SessionId)?.log.hear(Number(first))
    } else if (first !== this.node) {
      this.#watcher.created(second as SessionId, third === '' ? null : Number(third))
    }
  }

  #beat(): void {
    if (this.#isClosing) return
    this.#nodes.renew().catch((error: unknown) => this.#complain(error, 'lease'))
    this.#subscription.look()
    this.#comparison.beat()
    if (performance.now() - this.#tidiedAt >= this.#tidyMs) this.#tidy()
  }

  /** What could not be said is said again, and the list of sessions is kept. */
  #tidy(): void {
    this.#tidiedAt = performance.now()
    this.#burials.repeat()
    this.#keepListed()
  }

  /** What is tidied next is listed again, if the connection breaks meanwhile. */
  #keepListed(): void {
    const rooms = new Map([...this.#logs].map(([id, { room }]) => [id, room]))
    this.#list.keep(rooms).catch((error: unknown) => this.#complain(error, 'list of sessions'))
  }

  #bury(id: SessionId, grave: Grave): void {
    this.#logs.delete(id)
    this.#burials.add(id, grave)
  }

  #nextNonce(): string {
    this.#count += 1
    return `${this.node}.${this.#count}`
  }

  /** That the connection broke is said elsewhere. */
  #complain(error: unknown, work: string): void {
    if (isErrorReply(error)) this.#logger.warn({ err: error, work }, 'upkeep of the command log failed')
  }

  #contained(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#logger.error({ err: error }, 'command log failed')
    }
  }
}

/** A session that is carried out here. */
interface Kept {
  readonly log: SessionLog
  readonly room: Room | null
}

/** A session at the place that was reached. */
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

function ttlOf({ idleMs }: SessionSettings): number {
  return idleMs + LEFT_MS
}
