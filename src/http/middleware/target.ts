import type { RequestHandler } from 'express'

const ABSOLUTE = /^https?:\/\//i

/**
 * Converts a target in absolute form (`GET http://host/path`, as a client sends to a proxy) to its path,
 * requested from that host whatever `Host` says (RFC 9112, section 3.2.2). One that is not a URL stays
 * unchanged and matches nothing.
 */
export const originForm: RequestHandler = (request, _response, next) => {
  if (ABSOLUTE.test(request.url) && URL.canParse(request.url)) {
    const { host, pathname, search } = new URL(request.url)
    request.headers.host = host
    request.url = pathname + search
    request.originalUrl = request.url
  }
  next()
}
