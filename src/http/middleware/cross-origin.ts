import cors from 'cors'
import type { RequestHandler } from 'express'
import type { Config } from '../../platform/config.js'

/** Which pages of other origins may use the API (contract section 2): those of the list, and no others. */
export function crossOrigin({
  CORS_ORIGINS,
  CORS_CREDENTIALS,
}: Pick<Config, 'CORS_ORIGINS' | 'CORS_CREDENTIALS'>): RequestHandler {
  const answerBrowser = cors({
    origin: [...CORS_ORIGINS],
    credentials: CORS_CREDENTIALS,
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'Last-Event-ID',
      'X-Network-Type',
      'X-Request-Id',
      'traceparent',
      'tracestate',
    ],
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
