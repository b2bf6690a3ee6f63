import type { Request, RequestHandler, Response } from 'express'
import type { SessionHost } from '../../runtime/session-host.js'
import { WireError } from '../../wire/errors.js'
import { sessionId } from '../../wire/scalars.js'
import { callOf } from '../call.js'
import { factsOf } from '../middleware/request-facts.js'
import type { Services } from '../services.js'
import { clearTokenCookie, tokenCookieOf } from '../token-cookie.js'

/** Finds the session that the path names; who still has a cookie of one that is over loses it. */
export function findSession({ supervisor }: Services): RequestHandler {
  return (request, response, next) => {
    callOf(response).host = find(supervisor, request, response)
    next()
  }
}

/** @throws {WireError} `SESSION_NOT_FOUND` */
function find(supervisor: Services['supervisor'], request: Request, response: Response): SessionHost {
  const id = sessionId.safeParse(request.params['session_id'])
  factsOf(response).sessionId = id.success ? id.data : null
  const host = id.success ? supervisor.find(id.data) : undefined
  if (host !== undefined) return host
  if (id.success && tokenCookieOf(request, id.data) !== null) clearTokenCookie(request, response, id.data)
  throw new WireError('SESSION_NOT_FOUND', {
    context: { expired: id.success && supervisor.hasEnded(id.data) },
  })
}
