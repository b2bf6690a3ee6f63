import type { RequestHandler } from 'express'
import type { Clock } from '../../../machines/ports.js'
import type { Logger } from '../../platform/logger.js'
import { requestIdOf } from './request-id.js'

/** One line a request, when it is over. The query is left out: it can name people. */
export function requestLog(logger: Logger, clock: Clock): RequestHandler {
  return (request, response, next) => {
    const startedAt = clock.now()
    response.on('close', () => {
      logger.info(
        {
          request_id: requestIdOf(response),
          method: request.method,
          path: request.path,
          status: response.statusCode,
          duration_ms: clock.now() - startedAt,
        },
        'request',
      )
    })
    next()
  }
}
