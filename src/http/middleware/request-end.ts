import type { Request, RequestHandler, Response } from 'express'
import type { Severity } from '../../runtime/telemetry.js'
import { ERRORS } from '../../wire/errors.js'
import type { RouteDefinition } from '../../wire/route-definition.js'
import { ROUTES, type RouteName } from '../../wire/routes.js'
import type { Services } from '../services.js'
import { safePath, safeUserAgent } from './loggable.js'
import { factsOf, type RequestFacts } from './request-facts.js'

/** Their answers last as long as the client listens. */
const WAITING: ReadonlySet<RouteName> = new Set<RouteName>(['stream', 'pollEvents'])
const SERVER_ERROR = 500
/** The client lacks permission or sends too many requests: worth a look if it happens often. */
const SUSPICIOUS: ReadonlySet<number> = new Set([401, 403, 429])
const LOG_LEVELS = { info: 'info', warning: 'warn', error: 'error' } as const
/** Any other method name stays out of the metrics. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Counts and logs every request when it is over; for a stream that is when it closes. With
 * `LOG_REQUESTS=false` only errors are logged. A server fault also raises an alert.
 *
 * The metrics contain only the server's own time, from the complete request to the complete answer: the time
 * a client takes to send and to read says nothing about the server. The log has all of it.
 */
export function requestEnd(services: Services): RequestHandler {
  const { telemetry, logger, config } = services
  return (request, response, next) => {
    const startedAt = telemetry.now()
    // It has to wait for earlier answers that its client requested.
    const isBehind = response.socket === null
    let answeredAt: number | null = null
    const answered = () => {
      answeredAt ??= telemetry.now()
    }
    response.on('prefinish', answered)
    // A piped answer is sent as fast as the client takes it.
    response.on('pipe', answered)
    response.on('close', () => {
      const durationMs = telemetry.now() - startedAt
      const facts = factsOf(response)
      const { route, errorCode } = facts
      const isWaiting = isBehind || (route !== null && WAITING.has(route))
      const ownMs = isWaiting || answeredAt === null ? null : answeredAt - (facts.readAt ?? startedAt)
      const status = response.headersSent ? response.statusCode : 'aborted'
      telemetry.requestEnded(targetOf(request, route), status, ownMs)
      if (errorCode !== null) countError(facts, services)
      if (config.LOG_REQUESTS || errorCode !== null) logRequest(logger, request, response, durationMs)
    })
    next()
  }
}

/** The route table's path and method: never a path as it was sent, or a client's own method name. */
function targetOf({ method }: Request, route: RouteName | null) {
  const definition: RouteDefinition | null = route === null ? null : ROUTES[route]
  return { endpoint: definition?.path ?? 'none', method: METHODS.has(method) ? method : 'other' }
}

function countError(facts: RequestFacts, { telemetry, alerts }: Services): void {
  if (facts.errorCode === null) return
  const severity = severityOf(facts)
  telemetry.errorOccurred(facts.errorCode, severity)
  const { title, status } = ERRORS[facts.errorCode]
  if (status === SERVER_ERROR)
    alerts.add('ERROR', `Error occurred: ${title}`, { error_code: facts.errorCode, severity })
}

/** Writes one line, without the query, which can contain names. */
function logRequest(
  logger: Services['logger'],
  request: Request,
  response: Response,
  durationMs: number,
): void {
  const facts = factsOf(response)
  const { statusCode, headersSent } = response
  const [path = ''] = request.originalUrl.split('?', 1)
  const fields = {
    method: request.method,
    route: facts.route,
    path: safePath(path),
    status: headersSent ? statusCode : undefined,
    aborted: headersSent ? undefined : true,
    error_code: facts.errorCode ?? undefined,
    user_agent: facts.errorCode === null ? undefined : safeUserAgent(request.headers['user-agent']),
    duration_ms: Math.round(durationMs * 100) / 100,
  }
  logger.writeLine(LOG_LEVELS[severityOf(facts)], [facts.logFields(), fields], 'request')
}

/**
 * The severity depends on what went wrong, even if it could no longer be answered. For the readiness probe,
 * "not ready" is a normal answer.
 */
function severityOf({ errorCode, route }: RequestFacts): Severity {
  if (errorCode === null || route === 'ready') return 'info'
  const { status } = ERRORS[errorCode]
  if (status >= SERVER_ERROR) return 'error'
  return SUSPICIOUS.has(status) ? 'warning' : 'info'
}
