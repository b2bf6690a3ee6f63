import cors from 'cors'
import type { RequestHandler } from 'express'
import type { Config } from '../../platform/config.js'
import { ANY } from '../../platform/setting.js'

/** For a page that may use any method: browsers do not accept `*` in requests with a cookie. */
const ALL_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

type CrossOriginConfig = Pick<Config, 'CORS_ORIGINS' | 'CORS_CREDENTIALS' | 'CORS_METHODS' | 'CORS_HEADERS'>

/** Which pages of other origins may use the API (contract section 2): those on the list and no others. */
export function crossOrigin(config: CrossOriginConfig): RequestHandler {
  const { CORS_ORIGINS, CORS_CREDENTIALS, CORS_METHODS, CORS_HEADERS } = config
  const answerBrowser = cors({
    origin: CORS_ORIGINS.includes(ANY) ? ANY : [...CORS_ORIGINS],
    credentials: CORS_CREDENTIALS,
    methods: CORS_METHODS.includes(ANY) ? ALL_METHODS : [...CORS_METHODS],
    // If omitted, the requested headers are allowed.
    ...(CORS_HEADERS.includes(ANY) ? {} : { allowedHeaders: [...CORS_HEADERS] }),
    exposedHeaders: [
      'ETag',
      'Location',
      'Retry-After',
      'X-Request-Id',
      'traceparent',
      'RateLimit',
      'RateLimit-Policy',
    ],
    maxAge: 600,
  })
  return (request, response, next) => {
    if (request.headers.origin !== undefined || request.method === 'OPTIONS')
      return answerBrowser(request, response, next)
    response.setHeader('Vary', 'Origin')
    next()
  }
}
