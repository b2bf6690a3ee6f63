import cors from 'cors'
import express, { type Express, type RequestHandler } from 'express'
import type { SessionHost } from '../runtime/session-host.js'
import { WireError } from '../wire/errors.js'
import { ROUTES, type RouteDefinition, type RouteName } from '../wire/routes.js'
import { sessionId } from '../wire/scalars.js'
import { identify } from './identity.js'
import { jsonBody } from './middleware/body.js'
import { errorResponse, methodNotAllowed, notFound } from './middleware/errors.js'
import { type RateClass, rateClassOf, rateLimits } from './middleware/rate-limit.js'
import { requestId } from './middleware/request-id.js'
import { requestLog } from './middleware/request-log.js'
import type { Handler, Handlers } from './route.js'
import { docsRoutes } from './routes/docs.js'
import { eventRoutes } from './routes/events.js'
import { healthRoutes } from './routes/health.js'
import { mobileRoutes } from './routes/mobile.js'
import { participantRoutes } from './routes/participants.js'
import { sessionRoutes } from './routes/sessions.js'
import { votingRoutes } from './routes/voting.js'
import type { Services } from './services.js'
import { validate } from './validate.js'

const HANDLERS: Handlers = {
  ...sessionRoutes,
  ...votingRoutes,
  ...participantRoutes,
  ...eventRoutes,
  ...mobileRoutes,
  ...healthRoutes,
}

/** The whole HTTP side as a request listener; it never listens itself. */
export function createApp(services: Services): Express {
  const { config, clock, ids, logger } = services
  const app = express()
  app
    .disable('x-powered-by')
    .disable('etag')
    .set('trust proxy', config.TRUST_PROXY)
    .set('query parser', 'simple')
  app.use(requestId(ids))
  if (config.LOG_REQUESTS) app.use(requestLog(logger, clock))
  app.use(crossOrigin(services))
  const limits = config.RATE_LIMITING ? rateLimits(clock) : null
  const body = jsonBody(config.MAX_REQUEST_SIZE)
  for (const name of routeNames()) addRoute(app, name, { services, limits, body })
  app.use(docsRoutes())
  for (const [path, methods] of methodsByPath()) app.all(path, methodNotAllowed(methods))
  app.use(notFound)
  app.use(errorResponse(logger, clock))
  return app
}

interface Pipeline {
  readonly services: Services
  readonly limits: Readonly<Record<RateClass, RequestHandler>> | null
  readonly body: readonly RequestHandler[]
}

function addRoute(app: Express, name: RouteName, { services, limits, body }: Pipeline): void {
  const definition: RouteDefinition = ROUTES[name]
  const rateClass = rateClassOf(name)
  const before = [
    ...(limits === null || rateClass === null ? [] : [limits[rateClass]]),
    ...(definition.body === null ? [] : body),
  ]
  app[definition.method](expressPath(definition.path), ...before, answer(name, definition, services))
}

/** From a request to an answer, as the route table says: the session, the input, the actor, then the handler. */
function answer(name: RouteName, definition: RouteDefinition, services: Services): RequestHandler {
  const handler = HANDLERS[name] as Handler<RouteName>
  const hasTarget = definition.path.includes('{session_id}')
  return (request, response) => {
    if (services.supervisor.isDraining && definition.method !== 'get')
      throw new WireError('SERVICE_UNAVAILABLE')
    const host = hasTarget ? findHost(services, request.params['session_id']) : undefined
    const { query, body } = validate([
      { name: 'query', schema: definition.query, value: request.query },
      ...(definition.body === null
        ? []
        : [{ name: 'body', schema: definition.body, value: request.body } as const]),
    ])
    const by =
      definition.identity === null || host === undefined
        ? undefined
        : identify(request, host, claimOf(query, definition.identity), services.config)
    const input = { services, request, response, host, query, body, by }
    const result = handler(input as Parameters<typeof handler>[0])
    if (result !== undefined) response.status(definition.success.status).json(result)
  }
}

function findHost({ supervisor }: Services, text: unknown): SessionHost {
  const id = sessionId.safeParse(text)
  const host = id.success ? supervisor.find(id.data) : undefined
  if (host !== undefined) return host
  throw new WireError('SESSION_NOT_FOUND', {
    context: { expired: id.success && supervisor.hasEnded(id.data) },
  })
}

function claimOf(query: unknown, parameter: string) {
  return new Map(Object.entries(query ?? {})).get(parameter)
}

function crossOrigin({ config }: Services): RequestHandler {
  return cors({
    origin: [...config.CORS_ORIGINS],
    credentials: config.CORS_CREDENTIALS,
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'Last-Event-ID',
      'X-Network-Type',
      'X-Request-Id',
    ],
    exposedHeaders: ['ETag', 'Location', 'Retry-After', 'X-Request-Id', 'RateLimit', 'RateLimit-Policy'],
    maxAge: 600,
  })
}

function routeNames(): readonly RouteName[] {
  return Object.keys(ROUTES) as RouteName[]
}

function methodsByPath(): Map<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const { method, path } of Object.values(ROUTES)) {
    const known = methods.get(expressPath(path)) ?? []
    known.push(...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    methods.set(expressPath(path), known)
  }
  return methods
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}
