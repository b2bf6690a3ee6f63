import type { RequestHandler } from 'express'
import { onBehalfOf } from '../platform/log-scope.js'
import type { KnownMark } from '../runtime/marks.js'
import { WireError } from '../wire/errors.js'
import type { RouteDefinition } from '../wire/route-definition.js'
import { ROUTES, type RouteName } from '../wire/routes.js'
import { callOf } from './call.js'
import { answerAgain, executeIn, MOVED_ON } from './execute.js'
import { DerivedIds } from './idempotency/derived-ids.js'
import { idempotencyKey, Repeats } from './idempotency/repeats.js'
import { newSalt, SeatToken } from './idempotency/seat-token.js'
import { factsOf } from './middleware/request-facts.js'
import { jsonAnswer } from './reply.js'
import type { Handler, RouteInput } from './route.js'
import type { Services } from './services.js'
import { SharedJson } from './shared-json.js'

/** Their answers are not kept for repetition: only the caller may know them. */
const NEVER_KEPT: ReadonlySet<RouteName> = new Set<RouteName>(['offerSeat'])

/**
 * Executed again when repeated: their answers describe the session as it is then, and whoever asks is there.
 * Another body under the same key is refused all the same.
 */
const EXECUTED_AGAIN: ReadonlySet<RouteName> = new Set<RouteName>(['reconnect'])

/** Reads of sessions. While the log is away they may be outdated, and say so (contract section 11). */
const SESSION_READS: ReadonlySet<RouteName> = new Set<RouteName>([
  'getSession',
  'listSessions',
  'getRound',
  'listStories',
  'history',
  'exportResults',
  'getRoom',
])

/**
 * How often a request is looked at again; at the very end of the ten minutes, two clocks may disagree on what
 * is still known.
 */
const LOOKS_MAX = 2
/** RFC 7234, section 5.5.1. */
const STALE_WARNING = '110 - "Response is Stale"'

/**
 * Lets the handler answer, now or when it has what it waits for. The answer is built at once, so that it
 * describes the command's outcome, and sent with all others of the turn. Any error thrown on the way belongs
 * to this request alone. A repetition that arrives before the first answer waits for it.
 */
export function answer<Name extends RouteName>(
  name: Name,
  handler: Handler<Name>,
  services: Services,
): RequestHandler {
  const definition: RouteDefinition = ROUTES[name]
  const isRead = definition.method === 'get'
  const isSessionRead = SESSION_READS.has(name)
  return (request, response, next) => {
    const facts = factsOf(response)
    const { host, isStale: isOld, input, by } = callOf(response)
    const key = isRead ? null : idempotencyKey(request)
    const repeats =
      key === null || NEVER_KEPT.has(name)
        ? null
        : new Repeats(key, { services, request, response, host, by, body: input.body })
    const isMarked = repeats !== null && services.commandLog.isDurable
    const isExecutedAgain = EXECUTED_AGAIN.has(name)
    const contained = (work: () => void) => {
      try {
        onBehalfOf(facts, work)
      } catch (error) {
        next(error)
      }
    }
    const isStale = isSessionRead && (isOld || !services.commandLog.isAvailable)
    if (isStale) response.setHeader('Warning', STALE_WARNING)
    const send = (status: number, body: unknown) => {
      if (response.destroyed) return
      const sent = jsonAnswer(response, status, isStale ? marked(body) : body)
      services.turn.at('answers', () => contained(sent))
    }
    const fail = (error: unknown) => {
      repeats?.end()
      next(error)
    }
    const carryOut = (carriedOut: KnownMark | null) => {
      const salt =
        carriedOut === null ? (isMarked ? newSalt() : null) : Buffer.from(carriedOut.salt, 'base64url')
      const ids = key === null || salt === null ? services.ids : new DerivedIds(key, salt)
      const seatToken = new SeatToken(key, services.ids, salt)
      const isAgain = carriedOut !== null && isExecutedAgain
      const mark = salt === null || isAgain ? undefined : repeats?.mark(salt)
      const reply: Reply = (value, status = definition.success.status) =>
        contained(() => {
          try {
            repeats?.keep(
              { status, body: { ...(value instanceof SharedJson ? value.value : value) } },
              seatToken,
            )
            send(status, value)
          } finally {
            repeats?.end()
          }
        })
      const answering = { reply, fail, mark, again: lookAgain }
      const execute =
        host === undefined
          ? undefined
          : carriedOut === null || isAgain
            ? executeIn(host, answering)
            : answerAgain(host, answering)
      const given: unknown = {
        services,
        request,
        response,
        ...input,
        host,
        by,
        ids,
        mark,
        carriedOut,
        seatToken,
        execute,
        reply,
        fail,
        again: lookAgain,
      }
      // The schemas of this very row produced it; types cannot follow that through the table.
      const answered = handler(given as RouteInput<Name>)
      if (answered !== undefined) reply(answered)
    }
    let looks = 0
    const lookAgain = () => {
      repeats?.end()
      looks += 1
      if (looks > LOOKS_MAX) next(new WireError('SESSION_STATE_CONFLICT', MOVED_ON))
      else services.turn.at('commands', again)
    }
    const attempt = () => {
      const known = repeats?.known() ?? null
      if (known !== null && !isExecutedAgain) return send(known.status, known.body)
      if (repeats?.isUnderway(() => services.turn.at('commands', again))) return
      // The log knows what was executed, if it outlives the process that answered.
      const carriedOut = isMarked ? (repeats?.carriedOut() ?? null) : null
      repeats?.begin()
      const begun = () => {
        try {
          carryOut(carriedOut)
        } catch (error) {
          fail(error)
        }
      }
      if (carriedOut === null) return begun()
      // It was executed, but perhaps not acknowledged since it may still be lost.
      services.commandLog.confirm((isKept) => {
        if (isKept) contained(begun)
        else fail(new WireError('SERVICE_UNAVAILABLE'))
      })
    }
    const again = () => {
      if (!response.destroyed) contained(attempt)
    }
    contained(attempt)
  }
}

/** A list has no member for the mark. */
function marked(body: unknown): unknown {
  if (body instanceof SharedJson) return body.stale
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, stale: true } : body
}

type Reply = (value: object | null, status?: number) => void
