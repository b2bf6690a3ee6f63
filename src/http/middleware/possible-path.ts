import type { RequestHandler } from 'express'
import { WireError } from '../../wire/errors.js'

/** No route's path is longer. Each route reads a path to its end, and there are dozens of them. */
const PATH_LENGTH_MAX = 1_024

/**
 * Refuses a path that no route can have, before the routes are tried: one that is too long, or with an invalid
 * escape.
 * @param limit - the rate limit for unknown addresses; `null`: there is none
 */
export function possiblePath(limit: RequestHandler | null): RequestHandler {
  return (request, response, next) => {
    const fault = faultOf(request.path)
    if (fault === null) return next()
    const refuse = (late?: unknown) => next(late ?? fault)
    if (limit === null) refuse()
    else limit(request, response, refuse)
  }
}

function faultOf(path: string): WireError | null {
  if (path.length > PATH_LENGTH_MAX) return new WireError('NOT_FOUND')
  if (!path.includes('%') || isDecodable(path)) return null
  return new WireError('MALFORMED_REQUEST')
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
