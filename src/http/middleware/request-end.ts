import type { Request, RequestHandler, Response } from 'express'
import type { Logger } from '../../platform/logger.js'
import type { Telemetry } from '../../runtime/telemetry.js'
import type { RouteName } from '../../wire/routes.js'
import { factsOf, type RequestFacts } from './request-facts.js'
import { safePath, safeUserAgent } from './loggable.js'

/** Their answers last as long as somebody listens. */
const WAITING: ReadonlySet<RouteName> = new Set<RouteName>(['stream', 'pollEvents'])
const SERVER_ERROR = 500
/** Somebody may not, or asks too often: worth a look when it comes in numbers. */
const SUSPICIOUS: ReadonlySet<number> = new Set([401, 403, 429])

/**
 * Counts every request when it is over, and logs it; a stream's end is when it closes.
 * @param logsAll - `false`: only those that were answered with an error
 */
export function requestEnd(telemetry: Telemetry, logger: Logger, logsAll: boolean): RequestHandler {
  return (request, response, next) => {
    const startedAt = telemetry.now()
    response.on('close', () => {
      const durationMs = telemetry.now() - startedAt
      const { route, errorCode } = factsOf(response)
      const isWaiting = route !== null && WAITING.has(route)
      const status = response.headersSent ? response.statusCode : 'aborted'
      telemetry.requestEnded(route ?? 'none', status, isWaiting ? null : durationMs)
      if (logsAll || errorCode !== null) logRequest(logger, request, response, durationMs)
    })
    next()
  }
}

/** One line. The query is left out: it can name people. */
function logRequest(logger: Logger, request: Request, response: Response, durationMs: number): void {
  const facts = factsOf(response)
  const { statusCode, headersSent } = response
  const [path = ''] = request.originalUrl.split('?', 1)
  logger[levelOf(facts, statusCode)](
    {
      ...facts.logFields(),
      method: request.method,
      route: facts.route,
      path: safePath(path),
      ...(headersSent ? { status: statusCode } : { aborted: true }),
      ...(facts.errorCode === null
        ? {}
        : { error_code: facts.errorCode, user_agent: safeUserAgent(request.headers['user-agent']) }),
      duration_ms: Math.round(durationMs * 100) / 100,
    },
    'request',
  )
}

/** That a server is not ready is what the probe wanted to know. */
function levelOf({ errorCode, route }: RequestFacts, status: number): 'info' | 'warn' | 'error' {
  if (errorCode === null || route === 'ready') return 'info'
  if (status >= SERVER_ERROR) return 'error'
  return SUSPICIOUS.has(status) ? 'warn' : 'info'
}
