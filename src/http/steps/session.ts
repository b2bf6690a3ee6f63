import type { RequestHandler, Response } from 'express'
import type { Telemetry } from '../../runtime/telemetry.js'
import { WireError } from '../../wire/errors.js'
import { ROUTES, type RouteName } from '../../wire/routes.js'
import { sessionId } from '../../wire/scalars.js'
import { callOf } from '../call.js'
import { factsOf } from '../middleware/request-facts.js'
import type { Services } from '../services.js'
import { openResponse, RETRY_SOON_MS, turnAway } from '../sse/response.js'
import { clearTokenCookie, tokenCookieOf } from '../token-cookie.js'

const LOG_AWAY = 'Sessions cannot be read at the moment; try again shortly.'

/**
 * Finds the session in the path, up to date with its log: `SESSION_NOT_FOUND` if there is none,
 * `SERVICE_UNAVAILABLE` if that cannot be determined, or only a server of another release can tell; a stream is
 * turned away without an error, as streams are. Commands are never decided by outdated state. A cookie of a
 * session that is over is cleared.
 */
export function findSession(name: RouteName, { supervisor, telemetry }: Services): RequestHandler {
  const isCommand = ROUTES[name].method !== 'get'
  return (request, response, next) => {
    const id = sessionId.safeParse(request.params['session_id'])
    factsOf(response).sessionId = id.success ? id.data : null
    if (!id.success) throw new WireError('SESSION_NOT_FOUND', { context: { expired: false } })
    supervisor.open(id.data, (host, isFresh) => {
      if (host === null || (isCommand && !isFresh)) {
        if (name === 'stream') return turnStreamAway(response, telemetry)
        if (isCommand) telemetry.commands.unavailable += 1
        next(new WireError('SERVICE_UNAVAILABLE', { detail: LOG_AWAY }))
        return
      }
      const call = callOf(response)
      call.host = host
      call.isStale = !isFresh
      if (host !== undefined) return next()
      if (tokenCookieOf(request, id.data) !== null) clearTokenCookie(request, response, id.data)
      next(new WireError('SESSION_NOT_FOUND', { context: { expired: supervisor.hasEnded(id.data) } }))
    })
  }
}

function turnStreamAway(response: Response, telemetry: Telemetry): void {
  telemetry.streamsTurnedAway.unavailable += 1
  if (response.destroyed) return
  openResponse(response)
  turnAway(response, RETRY_SOON_MS)
}
