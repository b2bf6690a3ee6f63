import type { RequestHandler, Response } from 'express'
import type { Ids } from '../../../machines/ports.js'

const SANE_ID = /^[A-Za-z0-9._-]{8,128}$/

/** Gives every request an id, taken from `X-Request-Id` when that is sane, and sends it back. */
export function requestId(ids: Ids): RequestHandler {
  return (request, response, next) => {
    const given = request.headers['x-request-id']
    const id = typeof given === 'string' && SANE_ID.test(given) ? given : ids.requestId()
    response.locals['requestId'] = id
    response.setHeader('X-Request-Id', id)
    next()
  }
}

/** The id that {@link requestId} gave the request of this response. */
export function requestIdOf(response: Response): string {
  return String(response.locals['requestId'] ?? '')
}
