import type { Request, RequestHandler, Response } from 'express'
import type { Logger } from '../../platform/logger.js'
import type { Telemetry } from '../../runtime/telemetry.js'
import type { RouteName } from '../../wire/routes.js'
import { factsOf } from './request-facts.js'
import { safePath } from './safe-path.js'

const SERVER_ERROR = 500
const UNAVAILABLE = 503
/** Their answers last as long as somebody listens. */
const WAITING: ReadonlySet<RouteName> = new Set<RouteName>(['stream', 'pollEvents'])

/**
 * Counts every request when it is over, and logs it; a stream's end is when it closes.
 * @param logger - `null`: no lines
 */
export function requestEnd(telemetry: Telemetry, logger: Logger | null): RequestHandler {
  return (request, response, next) => {
    const startedAt = telemetry.now()
    response.on('close', () => {
      const durationMs = telemetry.now() - startedAt
      const { route } = factsOf(response)
      const isWaiting = route !== null && WAITING.has(route)
      const status = response.headersSent ? response.statusCode : 'aborted'
      telemetry.requestEnded(route ?? 'none', status, isWaiting ? null : durationMs)
      if (logger !== null) logRequest(logger, request, response, durationMs)
    })
    next()
  }
}

/** One line. The query is left out: it can name people. */
function logRequest(logger: Logger, request: Request, response: Response, durationMs: number): void {
  const facts = factsOf(response)
  const { statusCode, headersSent } = response
  const isFault = headersSent && statusCode >= SERVER_ERROR && statusCode !== UNAVAILABLE
  const [path = ''] = request.originalUrl.split('?', 1)
  logger[isFault ? 'error' : 'info'](
    {
      ...facts.logFields(),
      method: request.method,
      route: facts.route,
      path: safePath(path),
      ...(headersSent ? { status: statusCode } : { aborted: true }),
      duration_ms: Math.round(durationMs * 100) / 100,
    },
    'request',
  )
}
