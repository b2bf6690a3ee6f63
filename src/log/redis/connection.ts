import { createClient, ErrorReply } from '@redis/client'
import type { EpochMs } from '../../../machines/ids.js'
import { ConfigError } from '../../platform/config-error.js'
import type { Logger } from '../../platform/logger.js'
import type { LogAck } from '../../platform/setting.js'
import { FSYNCED_SINCE, isKept } from './acknowledgement.js'
import { PROBE } from './keys.js'
import type { Script } from './scripts.js'

/** After so long without an answer the log is away, in milliseconds. */
export const AWAY_MS = 2_000
/** How often Redis is asked for its time, which shows that it answers. */
const BEAT_MS = 1_000
/** A connection on which nothing comes or goes for so long is cut, and another one made. */
const SILENT_MS_MAX = 3_000
/** So is one on which a question is open at so many beats, whatever goes out on it. */
const BEATS_OWED_MAX = SILENT_MS_MAX / BEAT_MS
const RECONNECT_MS = 200
/** A clock that is off by more than this from one beat to the next was set, in milliseconds. */
const JUMP_MS = 2_000
/** Redis as a whole takes no writes now; whatever is answered so has changed nothing. */
const REFUSAL = /^(?:OOM|READONLY|MISCONF|LOADING|BUSY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN)\b/
/** How long what is written to see whether it can be is kept, in milliseconds. */
const PROBE_MS = '1000'
const VERSION_MIN = 7

/** Hears of a connection. */
export interface ConnectionWatcher {
  /** There is a new one: whatever is at its other end may have lost something. */
  connected(): void
  /** Redis answers; so it does every second. */
  beat(): void
}

/**
 * The connection to Redis or Valkey. A call whose connection breaks is rejected and never sent again, so that
 * nothing is carried out twice; whoever called finds out what became of it.
 */
export class Connection {
  /** Where what is written must be before it is called done. */
  readonly ack: LogAck
  readonly #client: ReturnType<typeof client>
  readonly #url: string
  readonly #logger: Logger
  readonly #beat: NodeJS.Timeout
  /** What Redis' time is above the process's own measure; a little less, for the way that the answer took. */
  #offset = 0
  /** The same at the last beat that was answered at once; `null`: none was. */
  #beatOffset: number | null = null
  /** Since when there is no connection, or an answer is owed; by the process's own measure. */
  #silentSince: number | null = null
  #isAsking = false
  #beatsOwed = 0
  /** Redis answers, and takes no writes: why. */
  #refusal: Error | null = null
  #isGivenUp = false
  #wasAvailable = true
  #lastError: Error | null = null
  #watcher: ConnectionWatcher = { connected: () => {}, beat: () => {} }

  private constructor(url: string, logger: Logger, ack: LogAck) {
    this.#logger = logger
    this.ack = ack
    this.#url = url
    this.#client = client(url, { isSilent: false })
    this.#client.on('error', (error: Error) => {
      this.#silentSince ??= performance.now()
      this.#lastError = error
    })
    this.#client.on('ready', () => {
      this.#askTime()
      this.#watcher.connected()
    })
    this.#beat = setInterval(() => this.#askTime(), BEAT_MS)
    this.#beat.unref()
  }

  /**
   * Connects.
   * @param patienceMs - how long it may take
   * @throws {ConfigError} when it is not fit to keep sessions: too old, or one that drops keys when its memory is full
   * @throws when it is not there, or does not let us in
   */
  static async open(
    url: string,
    logger: Logger,
    patienceMs: number,
    ack: LogAck = 'written',
  ): Promise<Connection> {
    const connection = new Connection(url, logger, ack)
    try {
      await within(patienceMs, connection.#start())
      return connection
    } catch (error) {
      await connection.close()
      if (error instanceof ConfigError) throw error
      throw new Error(`COMMAND_LOG cannot be reached: ${messageOf(connection.#lastError ?? error)}`)
    }
  }

  /** Whether commands have a chance: a short silence is waited for. */
  get isAvailable(): boolean {
    if (this.#isGivenUp || this.#refusal !== null) return false
    return this.#silentSince === null || performance.now() - this.#silentSince < AWAY_MS
  }

  /** The time of Redis, or a moment before it. */
  now(): EpochMs {
    return Math.floor(performance.now() + this.#offset)
  }

  /** What time an answer says that it is. */
  hearTime(ms: EpochMs): void {
    this.#offset = ms - performance.now()
  }

  /** From here on nothing is available. */
  giveUp(): void {
    this.#isGivenUp = true
  }

  watch(watcher: ConnectionWatcher): void {
    this.#watcher = watcher
  }

  /** @throws what Redis answers with, and when the connection breaks before it has answered */
  call(...words: readonly string[]): Promise<unknown> {
    return this.#client.sendCommand([...words])
  }

  /** Whether what was written on it is where `LOG_ACK` wants it. @throws as {@link call} */
  isKept(): Promise<boolean> {
    return isKept((...words) => this.call(...words), this.ack)
  }

  /** Another one to the same Redis, on which nothing is asked: see {@link Subscription}. */
  duplicate(): ReturnType<typeof client> {
    return client(this.#url, { isSilent: true })
  }

  /** Runs a script, which Redis may not know yet. @throws as {@link call} */
  async run(script: Script, keys: readonly string[], words: readonly string[]): Promise<unknown> {
    try {
      return await this.#run(script, [String(keys.length), ...keys, ...words])
    } catch (error) {
      if (isRefusal(error)) {
        this.#refusal = error
        this.#lastError = error
      }
      throw error
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#beat)
    if (this.#client.isOpen) this.#client.destroy()
  }

  async #run({ sha1, text }: Script, words: readonly string[]): Promise<unknown> {
    try {
      return await this.call('EVALSHA', sha1, ...words)
    } catch (error) {
      if (!isErrorReply(error) || !error.message.startsWith('NOSCRIPT')) throw error
      return this.call('EVAL', text, ...words)
    }
  }

  async #start(): Promise<void> {
    await this.#client.connect()
    let info = await this.#info()
    while (/^loading:1/m.test(info)) {
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS))
      info = await this.#info()
    }
    refuseUnfit(info)
    if (this.ack === 'fsynced') refuseUnlessFsynced(info, await this.#setting('appendfsync'))
    if (/^aof_enabled:0/m.test(info))
      this.#logger.warn(
        'Redis keeps no append-only file: when it ends, sessions may be lost (appendonly yes)',
      )
    await this.#ask()
  }

  async #info(): Promise<string> {
    return String(await this.call('INFO'))
  }

  /** @returns how the server is configured; `null` where it does not tell */
  async #setting(name: string): Promise<string | null> {
    try {
      const reply = await this.call('CONFIG', 'GET', name)
      return Array.isArray(reply) ? String(reply[1]) : null
    } catch (error) {
      // Who may use the log need not be allowed to ask this.
      if (isErrorReply(error)) return null
      throw error
    }
  }

  /** One question at a time is open. */
  async #askTime(): Promise<void> {
    if (this.#isAsking) {
      this.#beatsOwed += 1
      if (this.#beatsOwed >= BEATS_OWED_MAX) this.#cut()
    } else {
      this.#isAsking = true
      this.#beatsOwed = 0
      this.#silentSince ??= performance.now()
      await this.#ask()
      this.#isAsking = false
    }
    this.#report()
  }

  async #ask(): Promise<void> {
    try {
      const askedAt = performance.now()
      const reply = await this.call('TIME')
      if (!Array.isArray(reply)) return
      this.hearTime(Number(reply[0]) * 1_000 + Number(reply[1]) / 1_000)
      if (performance.now() - askedAt < BEAT_MS) this.#noticeJump()
      this.#silentSince = null
      if (this.#refusal === null) return
      await this.call('SET', PROBE, '', 'PX', PROBE_MS)
      this.#refusal = null
    } catch (error) {
      // The connection broke, and is made again; or writes are refused still. It is asked again.
      if (isErrorReply(error) && error.message.startsWith('READONLY')) this.#cut()
    }
  }

  /**
   * The connection may be dead although it is open: what is written on it keeps it from being found out. Or it
   * leads to what is a replica by now, and its name to another one.
   */
  #cut(): void {
    if (!this.#client.isReady) return
    this.#client.destroy()
    this.#client.connect().catch((error: Error) => {
      this.#lastError = error
    })
  }

  /** What is due waits for the process's own measure then (see `firedUntil`), and what is set from now on may be late. */
  #noticeJump(): void {
    const jumpMs = Math.round(this.#offset - (this.#beatOffset ?? this.#offset))
    this.#beatOffset = this.#offset
    if (Math.abs(jumpMs) > JUMP_MS) this.#logger.warn({ jump_ms: jumpMs }, 'clock of the command log was set')
  }

  #report(): void {
    const { isAvailable } = this
    if (this.#silentSince === null) this.#watcher.beat()
    if (isAvailable === this.#wasAvailable) return
    this.#wasAvailable = isAvailable
    if (isAvailable) this.#logger.info('command log is back')
    else this.#logger.error({ err: this.#lastError }, 'command log is away')
  }
}

/** Whether Redis itself has refused. */
export function isErrorReply(error: unknown): error is Error {
  return error instanceof ErrorReply
}

/** Whether Redis takes no writes now, from nobody. */
export function isRefusal(error: unknown): error is Error {
  return isErrorReply(error) && REFUSAL.test(error.message)
}

/** @param isSilent - whether it is usual that nothing comes or goes on it */
function client(url: string, { isSilent }: { readonly isSilent: boolean }) {
  return createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    socket: {
      connectTimeout: AWAY_MS,
      ...(isSilent ? {} : { socketTimeout: SILENT_MS_MAX }),
      // The library's own gives up for good after a timeout.
      reconnectStrategy: () => RECONNECT_MS,
    },
  })
}

/** @throws {ConfigError} */
function refuseUnfit(info: string): void {
  const version = /^redis_version:(\d+)\S*/m.exec(info)
  if (Number(version?.[1] ?? 0) < VERSION_MIN) {
    const found = version === null ? 'of no known version' : version[0].replace('redis_version:', 'Redis ')
    throw new ConfigError([
      `COMMAND_LOG leads to a server that is ${found}; it must be ${VERSION_MIN} or later`,
    ])
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction'
  if (policy !== 'noeviction') {
    throw new ConfigError([
      `COMMAND_LOG leads to a server that drops keys when its memory is full (maxmemory-policy ${policy}); it must be noeviction`,
    ])
  }
}

/**
 * Only with `appendfsync always` is something on the disk before it is answered. With `everysec` Redis waits for up
 * to a second each time, and Valkey 8 without a replica says so of what is not there yet.
 * @throws {ConfigError}
 */
function refuseUnlessFsynced(info: string, policy: string | null): void {
  const [, major = 0, minor = 0] = /^redis_version:(\d+)\.(\d+)/m.exec(info) ?? []
  const isRecent = Number(major) > VERSION_MIN || (Number(major) === VERSION_MIN && Number(minor) >= 2)
  if (isRecent && /^aof_enabled:1/m.test(info) && policy === 'always') return
  throw new ConfigError([
    `LOG_ACK=fsynced needs Redis ${FSYNCED_SINCE} or Valkey, with appendonly yes and appendfsync always`,
  ])
}

/** @throws when the work is not done in time, which goes on all the same */
export async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
