import { randomBytes } from 'node:crypto'
import type { NodeId, Room, SessionId } from '../../../machines/ids.js'
import type { Logger } from '../../platform/logger.js'
import type { LogAck } from '../../platform/setting.js'
import type { CommandLog, CommandLogWatcher, Creation, Follower, Placed } from '../../runtime/command-log.js'
import { LogFigures } from '../../runtime/log-figures.js'
import type { Birth, PersistedSession } from '../../runtime/persisted-session.js'
import { Burials, type Grave } from './burials.js'
import { Comparison } from './comparison.js'
import { AWAY_MS, Connection, isErrorReply, within } from './connection.js'
import { Creations } from './creations.js'
import { BUCKET_CHANNELS, CREATED, nodeChannel } from './keys.js'
import { Nodes } from './nodes.js'
import { SessionList } from './session-list.js'
import type { SessionLog } from './session-log.js'
import { SessionLogs } from './session-logs.js'
import { Subscription } from './subscription.js'

const PATIENCE_MS = 10_000
const TIDY_MS = 2 * 60_000
/** While closing: how often it is checked whether commands still wait, in milliseconds. */
const LOOK_MS = 5
const NAME_BYTES = 6

export interface RedisLogOptions {
  /** `redis://` or `rediss://`, credentials and all. */
  readonly url: string
  readonly logger: Logger
  /** How long to wait for Redis at the start, in milliseconds; default 10 seconds: it may be starting too. */
  readonly patienceMs?: number
  /** Where an entry must be before its command is acknowledged; default: written. */
  readonly ack?: LogAck
  /** How often to retry what Redis could not be told, in milliseconds; default two minutes. */
  readonly tidyMs?: number
  /** Where it reports how it is doing. */
  readonly figures?: LogFigures
}

/**
 * Sessions in Redis or Valkey: they outlive this process, every command is written there before it is answered,
 * and any number of processes can run them, each all of them.
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
  readonly #logs: SessionLogs
  readonly #creations: Creations
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
    const nextNonce = () => this.#nextNonce()
    const contained = (work: () => void) => this.#contained(work)
    this.#burials = new Burials(this.#list, nextNonce)
    this.#logs = new SessionLogs({
      connection,
      node: this.node,
      logger,
      list: this.#list,
      burials: this.#burials,
      figures,
      nextNonce,
      dropped: (id, isForked) => this.#watcher.dropped(id, isForked),
    })
    this.#creations = new Creations({
      connection,
      list: this.#list,
      logs: this.#logs,
      bury: (id, grave) => this.#bury(id, grave),
      contained,
    })
    this.#comparison = new Comparison({
      connection,
      list: this.#list,
      followed: () => this.#logs.ids(),
      isKnown: (id) => this.#logs.has(id) || this.#burials.has(id) || this.#creations.has(id),
      found: (id) => this.#watcher.created(id, null),
      check: async (id, head) => this.#logs.find(id)?.check(head),
      failed: (error) => this.#complain(error, 'comparison with the log'),
    })
    this.#nodes = new Nodes(connection, this.node, (node, isKilled) =>
      contained(() => this.#watcher.lost(node, isKilled)),
    )
    this.#subscription = new Subscription({
      connection,
      channels: [...BUCKET_CHANNELS, CREATED, nodeChannel(this.node)],
      heard: (channel, text) => contained(() => this.#hear(channel, text)),
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
    this.#creations.begin(creation, placed)
  }

  follow(id: SessionId, follower: Follower): SessionLog {
    return this.#logs.follow(id, follower)
  }

  end(id: SessionId): void {
    this.#bury(id, { room: this.#logs.roomOf(id), isOpen: false })
  }

  unlist(id: SessionId): Promise<void> {
    return this.#list.unlist(id).catch((error: unknown) => this.#complain(error, 'list of sessions'))
  }

  async known(): Promise<{ readonly live: readonly SessionId[]; readonly ended: readonly SessionId[] }> {
    const { live, ended } = await within(AWAY_MS, this.#list.known())
    return { live: live.filter((id) => !this.#creations.has(id)), ended }
  }

  async inRoom(room: Room): Promise<SessionId | null> {
    const id = await within(AWAY_MS, this.#list.inRoom(room))
    return id === null || this.#creations.has(id) ? null : id
  }

  async load(id: SessionId, restore: (from: Birth | PersistedSession) => Follower): Promise<boolean> {
    if (this.#creations.has(id)) throw new Error('the session is being created')
    return this.#logs.load(id, restore)
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

  /** Commands on their way keep the time they were given. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#comparison.close()
    const until = performance.now() + AWAY_MS
    while (this.#logs.isBusy && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    this.#subscription.close()
    if (this.isAvailable) {
      const late = new Promise((resolve) => setTimeout(resolve, AWAY_MS).unref())
      await Promise.race([this.#nodes.leave().catch(() => {}), late])
    }
    await this.#connection.close()
  }

  #hear(channel: string, text: string): void {
    const [first = '', second = '', third = ''] = text.split(' ')
    if (channel !== CREATED) {
      this.#logs.find(second as SessionId)?.hear(Number(first))
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

  /** Repeats what Redis could not be told, and keeps the list of sessions from expiring. */
  #tidy(): void {
    this.#tidiedAt = performance.now()
    this.#burials.repeat()
    this.#keepListed()
  }

  /** If the connection breaks meanwhile, the next tidying up lists them again. */
  #keepListed(): void {
    this.#list.keep(this.#logs.rooms()).catch((error: unknown) => this.#complain(error, 'list of sessions'))
  }

  #bury(id: SessionId, grave: Grave): void {
    this.#logs.delete(id)
    this.#burials.add(id, grave)
  }

  #nextNonce(): string {
    this.#count += 1
    return `${this.node}.${this.#count}`
  }

  /** A broken connection is logged elsewhere. */
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
