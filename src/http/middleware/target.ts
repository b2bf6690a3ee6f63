import type { RequestHandler } from 'express'

const ABSOLUTE = /^https?:\/\//i

/**
 * Takes a target in absolute form (`GET http://host/path`, as a client sends to a proxy) for what it means:
 * the path, asked of that host whatever `Host` says (RFC 9112, section 3.2.2). One that is no URL stays,
 * and leads nowhere.
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
