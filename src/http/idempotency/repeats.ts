import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import type { UserId } from '../../../machines/ids.js'
import { participantOf } from '../../../machines/session/context.js'
import type { KnownMark, Mark } from '../../runtime/marks.js'
import type { SessionHost } from '../../runtime/session-host.js'
import { WireError } from '../../wire/errors.js'
import { callOf } from '../call.js'
import { clientAddress } from '../client-address.js'
import { factsOf } from '../middleware/request-facts.js'
import type { Services } from '../services.js'
import { setTokenCookie } from '../token-cookie.js'
import type { Reply } from './replies.js'
import { requestText } from './request-text.js'
import { type SeatToken, tokenOf } from './seat-token.js'

/** A shorter key can be guessed. */
const KEY_LENGTH_MIN = 16
const KEY_LENGTH_MAX = 128

/** A request that may be repeated. */
export interface Repeatable {
  readonly services: Services
  readonly request: Request
  readonly response: Response
  readonly host: SessionHost | undefined
  readonly by: UserId | undefined
  readonly body: unknown
}

/** An answer: the status, and the value that becomes JSON. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * The request's `Idempotency-Key`, or `null` without one.
 * @throws {WireError} `VALIDATION_ERROR` for one that can be guessed or is too long
 */
export function idempotencyKey(request: Request): string | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key === 'string' && key.length >= KEY_LENGTH_MIN && key.length <= KEY_LENGTH_MAX) return key
  throw keyError(`must have ${KEY_LENGTH_MIN} to ${KEY_LENGTH_MAX} characters`)
}

/**
 * The answers to one key (contract section 5). The key is a secret of its first sender: the authenticated
 * participant, or else their address. From anybody else it is a different key.
 */
export class Repeats {
  readonly #key: string
  readonly #input: Repeatable
  readonly #owner: string
  readonly #id: string
  readonly #underwayId: string
  readonly #requestDigest: string

  constructor(key: string, input: Repeatable) {
    const { request, response, host, by, body } = input
    const address = clientAddress(request)
    this.#key = key
    this.#input = input
    this.#owner = host?.id ?? address
    this.#id = digestOf(by ?? address, key)
    this.#underwayId = `${this.#owner} ${this.#id}`
    const { params, query } = callOf(response).input
    const { route } = factsOf(response)
    this.#requestDigest = digestOf(requestText({ route, sessionId: host?.id ?? null, params, query, body }))
  }

  /**
   * The first answer, if there was one: nothing is executed twice. The session in it is the current one.
   * @returns `null`: this is the first time, or what it created is gone
   * @throws {WireError} `VALIDATION_ERROR` when the first request asked for something else
   */
  known(): Answer | null {
    const { services, request, response } = this.#input
    const reply = services.replies.find(this.#owner, this.#id, services.clock.now())
    const host = reply === null ? undefined : services.supervisor.find(reply.sessionId)
    if (reply === null || host === undefined || !isSeated(host, reply)) return null
    this.#refuseOther(reply.requestDigest)
    if (reply.location !== null) response.location(reply.location)
    const token = reply.seat === null ? null : tokenOf(this.#key, reply.seat.salt)
    if (token !== null) setTokenCookie(request, response, { sessionId: host.id, token }, services.config)
    const body: Readonly<Record<string, unknown>> = JSON.parse(reply.body)
    return {
      status: reply.status,
      body: {
        ...body,
        ...(token === null ? {} : { user_token: token }),
        ...(reply.hasSession ? { session: host.session() } : {}),
      },
    }
  }

  /**
   * The first request, if it was executed but its answer is not here, since another process gave it or nobody
   * did. The answer is then built again from the current session.
   * @throws {WireError} `VALIDATION_ERROR` when it asked for something else
   */
  carriedOut(): KnownMark | null {
    const { host, services } = this.#input
    const mark = host === undefined ? services.supervisor.made(this.#id) : host.known(this.#id)
    if (mark !== null) this.#refuseOther(mark.request)
    return mark
  }

  /** Accompanies the command, so that every process that executes it recognises a repetition. */
  mark(salt: Buffer): Mark {
    return { id: this.#id, request: this.#requestDigest, salt: salt.toString('base64url') }
  }

  /**
   * Whether the first request is still being executed.
   * @param again - called when it is over, if it is not yet
   * @throws {WireError} `VALIDATION_ERROR` when it asked for something else, `RATE_LIMITED` when too many
   * wait for it
   */
  isUnderway(again: () => void): boolean {
    const { underway } = this.#input.services
    const digest = underway.digestOf(this.#underwayId)
    if (digest === null) return false
    this.#refuseOther(digest)
    underway.wait(this.#underwayId, again)
    return true
  }

  /** Marks this request as the first, until {@link end}. */
  begin(): void {
    this.#input.services.underway.begin(this.#underwayId, this.#requestDigest)
  }

  /** Marks it as over, with or without a stored answer. */
  end(): void {
    this.#input.services.underway.end(this.#underwayId)
  }

  #refuseOther(requestDigest: string): void {
    if (requestDigest !== this.#requestDigest) throw keyError('was used for another request')
  }

  /** Stores the first answer. */
  keep({ status, body }: Answer, { salt }: SeatToken): void {
    const { services, response } = this.#input
    const { sessionId, userId } = factsOf(response)
    if (sessionId === null) return
    const { session, user_token: _, ...shown } = body
    services.replies.keep(this.#owner, this.#id, {
      at: services.clock.now(),
      requestDigest: this.#requestDigest,
      status,
      location: response.get('Location') ?? null,
      body: JSON.stringify(shown),
      sessionId,
      seat: salt === null || userId === null ? null : { userId, salt },
      hasSession: session !== undefined,
    })
  }
}

/** Whether the seat is still taken. */
function isSeated(host: SessionHost, { seat }: Reply): boolean {
  return seat === null || participantOf(host.snapshot.context, seat.userId) !== undefined
}

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64')
}

function keyError(message: string): WireError {
  return new WireError('VALIDATION_ERROR', { context: { issues: [{ path: 'Idempotency-Key', message }] } })
}
