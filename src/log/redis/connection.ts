import { createClient, ErrorReply } from '@redis/client'
import type { EpochMs } from '../../../machines/ids.js'
import { ConfigError } from '../../platform/config-error.js'
import type { Logger } from '../../platform/logger.js'
import type { LogAck } from '../../platform/setting.js'
import { isKept } from './acknowledgement.js'
import { refuseUnfit, refuseUnlessFsynced } from './fitness.js'
import { PROBE } from './keys.js'
import type { Script } from './scripts.js'

/** The log is away after this long without an answer, in milliseconds. */
export const AWAY_MS = 2_000
/** How often Redis is asked for its time, which also shows that it answers, in milliseconds. */
const BEAT_MS = 1_000
/** A connection with no traffic for this long is cut and replaced, in milliseconds. */
const SILENT_MS_MAX = 3_000
/** So is one whose question is still unanswered after this many beats, whatever else is sent on it. */
const BEATS_OWED_MAX = SILENT_MS_MAX / BEAT_MS
const RECONNECT_MS = 200
/** A clock that moves by more than this against ours from one beat to the next was set, in milliseconds. */
const JUMP_MS = 2_000
/** Replies that mean that Redis as a whole takes no writes now; the call has changed nothing. */
const REFUSAL = /^(?:OOM|READONLY|MISCONF|LOADING|BUSY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN)\b/
/** How long a probe, written to see whether writes are accepted, is kept, in milliseconds. */
const PROBE_MS = '1000'

/** Is told about a connection. */
export interface ConnectionWatcher {
  /** There is a new connection: whatever is at the other end may have lost something. */
  connected(): void
  /** Redis has answered; called about every second while it does. */
  beat(): void
}

/**
 * The connection to Redis or Valkey. A call whose connection breaks is rejected and never sent again, so that
 * nothing is carried out twice; the caller must find out what became of it.
 */
export class Connection {
  /** Where a write must be before it counts as done. */
  readonly ack: LogAck
  readonly #client: ReturnType<typeof client>
  readonly #url: string
  readonly #logger: Logger
  readonly #beat: NodeJS.Timeout
  /** How far Redis' time is ahead of the process's own clock; a little less, by the answer's travel time. */
  #offset = 0
  /** The same at the last beat that was answered promptly; `null`: none was. */
  #beatOffset: number | null = null
  /** Since when there has been no connection, or an answer is owed; by the process's own clock. */
  #silentSince: number | null = null
  #isAsking = false
  #beatsOwed = 0
  /** Why Redis answers but takes no writes; `null`: it takes them. */
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
   * @throws {ConfigError} when the server is unfit to keep sessions: too old, or set to drop keys when its
   * memory is full, or unable to honour `fsynced`
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

  /** Whether commands have a chance: a short silence is tolerated. */
  get isAvailable(): boolean {
    if (this.#isGivenUp || this.#refusal !== null) return false
    return this.#silentSince === null || performance.now() - this.#silentSince < AWAY_MS
  }

  /** The time of Redis, or a moment before it. */
  now(): EpochMs {
    return Math.floor(performance.now() + this.#offset)
  }

  /** Takes the time of Redis from an answer. */
  hearTime(ms: EpochMs): void {
    this.#offset = ms - performance.now()
  }

  /** From now on nothing is available. */
  giveUp(): void {
    this.#isGivenUp = true
  }

  watch(watcher: ConnectionWatcher): void {
    this.#watcher = watcher
  }

  /** @throws the error that Redis replies with, and when the connection breaks before the reply */
  call(...words: readonly string[]): Promise<unknown> {
    return this.#client.sendCommand([...words])
  }

  /** Whether what was written on this connection is where `LOG_ACK` wants it. @throws as {@link call} */
  isKept(): Promise<boolean> {
    return isKept((...words) => this.call(...words), this.ack)
  }

  /** Another client for the same Redis, which only listens: see {@link Subscription}. */
  duplicate(): ReturnType<typeof client> {
    return client(this.#url, { isSilent: true })
  }

  /** Runs a script, sending its text if Redis does not know it yet. @throws as {@link call} */
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
        'Redis keeps no append-only file: sessions may be lost when it stops (set appendonly yes)',
      )
    await this.#ask()
  }

  async #info(): Promise<string> {
    return String(await this.call('INFO'))
  }

  /** @returns a setting of the server; `null` if it does not tell */
  async #setting(name: string): Promise<string | null> {
    try {
      const reply = await this.call('CONFIG', 'GET', name)
      return Array.isArray(reply) ? String(reply[1]) : null
    } catch (error) {
      // A user who may use the log need not be allowed to ask this.
      if (isErrorReply(error)) return null
      throw error
    }
  }

  /** Only one question is open at a time. */
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
      // The connection broke and is being remade, or writes are still refused: the next beat asks again.
      if (isErrorReply(error) && error.message.startsWith('READONLY')) this.#cut()
    }
  }

  /**
   * The connection may be dead although it looks open: what is written to it keeps the timeout from noticing.
   * Or it leads to what has become a replica, while the name now leads to another server.
   */
  #cut(): void {
    if (!this.#client.isReady) return
    this.#client.destroy()
    this.#client.connect().catch((error: Error) => {
      this.#lastError = error
    })
  }

  /** After a jump, due timers wait for our own clock (see `firedUntil`); those set after it may be late. */
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

/** Whether this is an error reply from Redis itself. */
export function isErrorReply(error: unknown): error is Error {
  return error instanceof ErrorReply
}

/** Whether Redis takes no writes now, from anybody. */
export function isRefusal(error: unknown): error is Error {
  return isErrorReply(error) && REFUSAL.test(error.message)
}

/** @param isSilent - whether a lack of traffic on it is normal */
function client(url: string, { isSilent }: { readonly isSilent: boolean }) {
  return createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    socket: {
      connectTimeout: AWAY_MS,
      ...(isSilent ? {} : { socketTimeout: SILENT_MS_MAX }),
      // The library's default strategy gives up for good after a timeout.
      reconnectStrategy: () => RECONNECT_MS,
    },
  })
}

/** @throws when the work is not done in time; it goes on all the same */
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
