import type { Request, RequestHandler } from 'express'
import { WireError } from '../../wire/errors.js'
import { isHostField } from '../own-host.js'

/**
 * Refuses requests whose `Host` is missing, repeated or impossible (RFC 9112, section 3.2), or whose trusted
 * proxy names such a host: it would end up in links. Probes over HTTP/1.0 need none: some load balancers send
 * them, and nothing in the answer depends on it.
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
  const { host } = request
  return isHostField(field) && (host === field || isHostField(host)) && isAlone(request)
}

const PROBES = /^\/(?:health|livez|readyz|metrics)\/?(?:\?|$)/i

/** If there are several, Node.js keeps the first. */
function isAlone({ rawHeaders }: Request): boolean {
  let fields = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') fields += 1
  }
  return fields === 1
}
