import express, { type Express } from 'express'
import { dispatch } from './dispatch.js'
import { crossOrigin } from './middleware/cross-origin.js'
import { errorResponse, notFound } from './middleware/errors.js'
import { requestFacts } from './middleware/request-facts.js'
import { requestLog } from './middleware/request-log.js'
import { docsRoutes } from './routes/docs.js'
import type { Services } from './services.js'

/** The whole HTTP side as a request listener; it never listens itself. */
export function createApp(services: Services): Express {
  const { config, clock, ids, logger, inspection } = services
  const app = express()
  app
    .disable('x-powered-by')
    .disable('etag')
    .set('trust proxy', config.TRUST_PROXY)
    .set('query parser', 'simple')
  app.use(requestFacts(ids))
  if (config.LOG_REQUESTS) app.use(requestLog(logger, clock))
  app.use(crossOrigin(config))
  app.use(dispatch(services))
  app.use(docsRoutes())
  if (inspection !== undefined) app.use(inspection.routes)
  app.use(notFound)
  app.use(errorResponse(logger, clock))
  return app
}
