import type { Response } from 'express'
import type { UserId, Version } from '../../../machines/ids.js'
import type { Clock } from '../../../machines/ports.js'
import type { Reader } from '../../runtime/readers.js'
import type { SessionHost } from '../../runtime/session-host.js'
import type { StreamEnd } from '../../runtime/telemetry.js'
import { WireError } from '../../wire/errors.js'
import { closeAfter } from '../reply.js'
import type { Open } from './streams.js'

export interface PollOptions {
  readonly host: SessionHost
  readonly response: Response
  /** The participant whom it keeps present while it waits. */
  readonly userId: UserId | null
  /** The last version the client has seen; `NaN`: an invalid one. */
  readonly after: Version
  readonly surroundings: {
    readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>
    /** Notified once, when the connection is gone or the answer is sent. */
    readonly streams: { delete(open: Open): void }
  }
}

/** A client whose poll gave way waits this long, so that the tabs of one person do not keep displacing each other. */
const RETRY_REPLACED_SECONDS = 60

/**
 * A long poll: answers when something happens or when the wait is over, and never if the client has
 * disconnected. It counts as a stream until its answer has been taken, and returns at most 256 KiB.
 */
export class Poll implements Reader, Open {
  readonly userId: UserId | null
  readonly #options: PollOptions

  constructor(options: PollOptions) {
    this.#options = options
    this.userId = options.userId
    options.response.once('close', () => options.surroundings.streams.delete(this))
  }

  /** Answers with what is available; if there is nothing new, waits for at most this long. */
  start(waitMs: number): void {
    const { host, after } = this.#options
    if (this.#isOver) return
    if (waitMs > 0 && host.log.last === after) this.#wait(waitMs)
    else this.#answer()
  }

  /** Not every command produces an event. */
  flush(): void {
    if (this.#options.host.log.last !== this.#options.after) this.#answer()
  }

  notify(): void {}

  resync(): void {
    this.#answer()
  }

  profileChanged(): void {}

  end(reason: StreamEnd): void {
    if (reason === 'shutdown') closeAfter(this.#options.response)
    this.#answer()
  }

  giveWay(): void {
    const refusal = new WireError('RATE_LIMITED', { retryAfterSeconds: RETRY_REPLACED_SECONDS })
    if (!this.#isOver) this.#options.response.req.next?.(refusal)
  }

  restart(): void {
    this.end('shutdown')
  }

  destroy(): void {
    this.#options.response.destroy()
  }

  get #isOver(): boolean {
    const { response } = this.#options
    return response.writableEnded || response.destroyed
  }

  #wait(waitMs: number): void {
    const { host, response, surroundings, userId } = this.#options
    const unfollow = host.readers.add(this)
    const tellPresence = () => {
      if (userId !== null) host.reportStreams(userId)
    }
    tellPresence()
    const timer = surroundings.clock.setTimeout(() => this.#answer(), waitMs)
    response.once('close', () => {
      unfollow()
      tellPresence()
      surroundings.clock.clearTimeout(timer)
    })
  }

  #answer(): void {
    if (this.#isOver) return
    const { host, response, after } = this.#options
    const { log } = host
    const list = log.listSince(after)
    if (list !== null) host.telemetry.eventsDelivered += list.upTo - after
    const events = list?.bytes ?? Buffer.from(this.#wholeState())
    const upTo = list?.upTo ?? log.last
    const before = '{"events":['
    const behind = `],"state_version":${upTo},"more":${upTo < log.last}}`
    response.writeHead(200, {
      'Cache-Control': 'no-store',
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': before.length + events.length + behind.length,
    })
    response.cork()
    response.write(before)
    response.write(events)
    response.end(behind)
    response.uncork()
  }

  #wholeState(): string {
    const { host } = this.#options
    return host.notice('state_sync_required', { reason: 'log_moved_on', session: host.session() })
  }
}
