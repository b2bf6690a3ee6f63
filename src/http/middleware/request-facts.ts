import type { RequestHandler, Response } from 'express'
import type { SessionId, UserId } from '../../../machines/ids.js'
import type { Ids } from '../../../machines/ports.js'
import type { LogFields, LogSubject } from '../../platform/log-scope.js'
import { continueTrace, type TraceContext, traceparentOf } from '../../platform/trace-context.js'
import type { ErrorCode } from '../../wire/errors.js'
import type { RouteName } from '../../wire/routes.js'

/** What is known about a request for its log lines; it grows as the request proceeds. */
export class RequestFacts implements LogSubject {
  readonly id: string
  readonly trace: TraceContext | null
  /** `null`: no route matches. */
  route: RouteName | null = null
  /** The session in its path, whether it exists or not. */
  sessionId: SessionId | null = null
  userId: UserId | null = null
  /** The code of the error it was answered with; `null`: none. */
  errorCode: ErrorCode | null = null
  /** When its body had arrived, by the telemetry's clock; `null`: no body was read. */
  readAt: number | null = null

  constructor(id: string, trace: TraceContext | null) {
    this.id = id
    this.trace = trace
  }

  logFields(): LogFields {
    const { id, trace, sessionId, userId } = this
    return {
      request_id: id,
      trace_id: trace?.traceId,
      span_id: trace?.spanId,
      session_id: sessionId ?? undefined,
      user_id: userId ?? undefined,
    }
  }
}

const ID_LENGTH_MAX = 128
const SANE_ID = /^[A-Za-z0-9._-]{8,}$/
/** Anything that contains or could be a user token is not accepted as an id, since ids are logged. */
const TOKEN = /[A-Za-z0-9_-]{43}/
const SPAN_ID_DIGITS = 16

/**
 * Gives every request an id, taken from `X-Request-Id` if that is acceptable, and returns it in the answer. A
 * trace that the request belongs to (`traceparent`) is continued.
 */
export function requestFacts(ids: Ids): RequestHandler {
  const spanId = () => ids.requestId().replaceAll('-', '').slice(-SPAN_ID_DIGITS)
  return (request, response, next) => {
    const id = requestIdOf(request.headers['x-request-id']) ?? ids.requestId()
    const { traceparent } = request.headers
    const trace = typeof traceparent === 'string' ? continueTrace(traceparent, spanId) : null
    response.locals['facts'] = new RequestFacts(id, trace)
    response.setHeader('X-Request-Id', id)
    if (trace !== null) response.setHeader('traceparent', traceparentOf(trace))
    next()
  }
}

/** The id given by a client or proxy; `null`: none that may be logged. */
export function requestIdOf(given: string | string[] | undefined): string | null {
  if (typeof given !== 'string' || given.length > ID_LENGTH_MAX) return null
  return SANE_ID.test(given) && !TOKEN.test(given) ? given : null
}

/** The facts that {@link requestFacts} keeps for this response's request. */
export function factsOf(response: Response): RequestFacts {
  return response.locals['facts']
}
