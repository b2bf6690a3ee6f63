import type { RequestHandler } from 'express'
import type { Clock } from '../../../machines/ports.js'
import type { Logger } from '../../platform/logger.js'
import { factsOf } from './request-facts.js'
import { safePath } from './safe-path.js'

const SERVER_ERROR = 500
const UNAVAILABLE = 503

/** One line a request, when it is over; a stream's, when it closes. The query is left out: it can name people. */
export function requestLog(logger: Logger, clock: Clock): RequestHandler {
  return (request, response, next) => {
    const startedAt = clock.now()
    const path = request.path
    response.on('close', () => {
      const facts = factsOf(response)
      const { statusCode, headersSent } = response
      const isFault = headersSent && statusCode >= SERVER_ERROR && statusCode !== UNAVAILABLE
      logger[isFault ? 'error' : 'info'](
        {
          ...facts.logFields(),
          method: request.method,
          route: facts.route,
          path: safePath(path),
          ...(headersSent ? { status: statusCode } : { aborted: true }),
          duration_ms: clock.now() - startedAt,
        },
        'request',
      )
    })
    next()
  }
}
