import express, { type Express } from 'express'
import { addApiRoutes } from './api.js'
import { bodylessReads } from './middleware/bodyless-reads.js'
import { chain } from './middleware/chain.js'
import { crossOrigin } from './middleware/cross-origin.js'
import { errorResponse, notFound } from './middleware/errors.js'
import { knownHost } from './middleware/known-host.js'
import { possiblePath } from './middleware/possible-path.js'
import { rateLimits } from './middleware/rate-limit.js'
import { requestEnd } from './middleware/request-end.js'
import { requestFacts } from './middleware/request-facts.js'
import { secureHeaders } from './middleware/secure-headers.js'
import { originForm } from './middleware/target.js'
import type { Page } from './pages/page.js'
import type { Services } from './services.js'

/**
 * The whole HTTP side as a request listener; it never listens itself.
 * @param pages - pages for people; added after the API, so that no page can take one of its addresses
 */
export function createApp(services: Services, pages: readonly Page[]): Express {
  const { config, clock, ids, logger, inspection, telemetry } = services
  const limits = config.RATE_LIMITING ? rateLimits(clock, telemetry) : null
  const answerFault = errorResponse(logger, clock)
  const app = express()
  app
    .disable('x-powered-by')
    .disable('etag')
    .enable('case sensitive routing')
    .set('trust proxy', config.TRUST_PROXY)
    .set('query parser', 'simple')
  app.use(
    chain(
      answerFault,
      originForm,
      requestFacts(ids),
      requestEnd(services),
      ...(config.SECURE_HEADERS ? [secureHeaders()] : []),
      crossOrigin(config),
      knownHost,
      bodylessReads,
      possiblePath(limits?.page ?? null),
    ),
  )
  addApiRoutes(app, services, { limits, answerFault })
  if (limits !== null) app.use(limits.page)
  for (const page of pages) app.use(page.routes)
  if (inspection !== undefined) app.use(inspection.routes)
  app.use(notFound)
  app.use(answerFault)
  return app
}
