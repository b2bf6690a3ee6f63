import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import type { Clock } from '../../../machines/ports.js'
import type { Logger } from '../../platform/logger.js'
import { type ErrorCode, internalError, type RefusalDetail, WireError } from '../../wire/errors.js'
import { problem } from '../../wire/problem.js'
import { iso } from '../../wire/project.js'
import { factsOf } from './request-facts.js'

/** Errors thrown by Express carry a status: 400 for a path that cannot be decoded. */
const MALFORMED = 400

/**
 * The one place where a thrown error becomes a response (contract section 8). If it can no longer be
 * answered, the connection is closed; nothing is rethrown.
 */
export function errorResponse(logger: Logger, clock: Clock): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const facts = factsOf(response)
    const { code, info } = wireErrorOf(error)
    facts.errorCode = code
    if (code === 'INTERNAL_SERVER_ERROR' && !(error instanceof WireError)) {
      logger.error({ ...facts.logFields(), err: error }, 'request failed')
    }
    // A response that waits behind others on its connection has no socket of its own yet.
    if (response.headersSent) return void request.socket.destroy()
    try {
      sendProblem(response, request.path, { code, info, at: clock.now() })
    } catch (fault) {
      logger.error({ ...facts.logFields(), err: fault }, 'request failed')
      request.socket.destroy()
    }
  }
}

/** For addresses without a route. */
export const notFound: RequestHandler = () => {
  throw new WireError('NOT_FOUND')
}

/** For an address that exists for other methods. */
export function methodNotAllowed(methods: readonly string[]): RequestHandler {
  const allow = methods.join(', ')
  return (_request, response) => {
    response.set('Allow', allow)
    throw new WireError('METHOD_NOT_ALLOWED', { context: { allow: [...methods] } })
  }
}

/** Writes an error of the table as `application/problem+json`. */
export function sendProblem(
  response: Response,
  path: string,
  { code, info, at }: { readonly code: ErrorCode; readonly info: RefusalDetail; readonly at: number },
): void {
  const facts = factsOf(response)
  facts.errorCode = code
  const { id: requestId, sessionId, userId, route } = facts
  const body = problem(code, info, {
    instance: path,
    requestId,
    timestamp: iso(at),
    sessionId,
    userId,
    isReconnect: route === 'reconnect',
  })
  if (body.retry_after !== null) response.set('Retry-After', String(body.retry_after))
  if (code === 'AUTHENTICATION_REQUIRED') response.set('WWW-Authenticate', 'Bearer realm="magnapp"')
  response
    .status(body.status)
    .set({ 'Content-Type': 'application/problem+json; charset=utf-8', 'Cache-Control': 'no-store' })
    .send(Buffer.from(JSON.stringify(body)))
}

function wireErrorOf(error: unknown): { readonly code: ErrorCode; readonly info: RefusalDetail } {
  if (error instanceof WireError) return error
  const isMalformed = error instanceof Error && 'status' in error && error.status === MALFORMED
  return isMalformed ? new WireError('MALFORMED_REQUEST') : internalError(error)
}
