import type { Request, RequestHandler, Response } from 'express'
import type { Severity } from '../../runtime/telemetry.js'
import { ERRORS } from '../../wire/errors.js'
import type { RouteDefinition } from '../../wire/route-definition.js'
import { type RouteName, ROUTES } from '../../wire/routes.js'
import type { Services } from '../services.js'
import { safePath, safeUserAgent } from './loggable.js'
import { factsOf, type RequestFacts } from './request-facts.js'

/** Their answers last as long as somebody listens. */
const WAITING: ReadonlySet<RouteName> = new Set<RouteName>(['stream', 'pollEvents'])
const SERVER_ERROR = 500
/** Somebody may not, or asks too often: worth a look when it comes in numbers. */
const SUSPICIOUS: ReadonlySet<number> = new Set([401, 403, 429])
const LOG_LEVELS = { info: 'info', warning: 'warn', error: 'error' } as const
/** What else a client calls a method is in no figure. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Counts every request when it is over, and logs it; a stream's end is when it closes. With
 * `LOG_REQUESTS=false` only those are logged that were answered with an error. A fault of the server is
 * an alert too.
 *
 * The figures have the server's own time, from the whole request to the whole answer: what a client takes
 * to send its body, and to take what it is sent, would say nothing of the server. The log has all of it.
 */
export function requestEnd(services: Services): RequestHandler {
  const { telemetry, logger, config } = services
  return (request, response, next) => {
    const startedAt = telemetry.now()
    // It has to wait for the answers before it, which its client asked for.
    const isBehind = response.socket === null
    let answeredAt: number | null = null
    const answered = () => {
      answeredAt ??= telemetry.now()
    }
    response.on('prefinish', answered)
    // What is piped goes as fast as the client takes it.
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

/** As the table of routes has it: never a path as it was sent, nor a method of the client's own. */
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

/** One line. The query is left out: it can name people. */
function logRequest(
  logger: Services['logger'],
  request: Request,
  response: Response,
  durationMs: number,
): void {
  const facts = factsOf(response)
  const { statusCode, headersSent } = response
  const [path = ''] = request.originalUrl.split('?', 1)
  logger.writeLine(
    LOG_LEVELS[severityOf(facts)],
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

/**
 * By what went wrong, whatever could be said of it any more. That a server is not ready is what the probe
 * wanted to know.
 */
function severityOf({ errorCode, route }: RequestFacts): Severity {
  if (errorCode === null || route === 'ready') return 'info'
  const { status } = ERRORS[errorCode]
  if (status >= SERVER_ERROR) return 'error'
  return SUSPICIOUS.has(status) ? 'warning' : 'info'
}
