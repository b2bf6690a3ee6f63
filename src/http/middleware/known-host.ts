import type { Request, RequestHandler } from 'express'
import { WireError } from '../../wire/errors.js'
import { isHostField } from '../own-host.js'

/**
 * Refuses requests whose `Host` is missing, doubled or impossible (RFC 9112, section 3.2), and those for
 * which a believed proxy names such a one: it would end up in links. Probes over HTTP/1.0 need none: that
 * is how some load balancers ask, and nothing in the answer depends on it.
 */
export const knownHost: RequestHandler = (request, _response, next) => {
  if (!hasKnownHost(request)) {
    throw new WireError('MALFORMED_REQUEST', { detail: 'The Host header must name the requested host.' })
  }
  next()
}

function hasKnownHost(request: Request): boolean {
  const field = request.headers.host
  if (field === undefined) return request.httpVersion === '1.0' && PROBES.test(request.url)
  return isHostField(field) && isHostField(request.host) && isAlone(request)
}

const PROBES = /^\/(?:health|livez|readyz|metrics)\/?(?:\?|$)/i

/** Node.js keeps the first of several. */
function isAlone({ rawHeaders }: Request): boolean {
  let fields = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') fields += 1
  }
  return fields === 1
}
