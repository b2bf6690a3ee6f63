import type { RequestHandler } from 'express'
import { WireError } from '../../wire/errors.js'

/**
 * Refuses a path with an invalid escape, even at an unknown address.
 * @param limit - the rate limit for unknown addresses; `null`: there is none
 */
export function decodablePath(limit: RequestHandler | null): RequestHandler {
  return (request, response, next) => {
    if (!request.url.includes('%') || isDecodable(request.path)) return next()
    const refuse = (fault?: unknown) => next(fault ?? new WireError('MALFORMED_REQUEST'))
    if (limit === null) refuse()
    else limit(request, response, refuse)
  }
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
