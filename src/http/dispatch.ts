import type { Request, RequestHandler, Response } from 'express'
import { onBehalfOf } from '../platform/log-scope.js'
import type { SessionHost } from '../runtime/session-host.js'
import { WireError } from '../wire/errors.js'
import type { RouteDefinition } from '../wire/route-definition.js'
import { ROUTES, type RouteName } from '../wire/routes.js'
import { sessionId } from '../wire/scalars.js'
import { type BodyLimits, readBody } from './body.js'
import { idempotencyKey, Repeats } from './idempotency/repeats.js'
import { SeatToken } from './idempotency/seat-token.js'
import { identify } from './identity.js'
import { methodNotAllowed } from './middleware/errors.js'
import { type RateLimits, rateClassOf } from './middleware/rate-limit.js'
import { factsOf } from './middleware/request-facts.js'
import { closeAfter, jsonAnswer } from './reply.js'
import type { Handler, Handlers } from './route.js'
import { RouteIndex } from './route-index.js'
import { estimationRoutes } from './routes/estimation.js'
import { eventRoutes } from './routes/events.js'
import { healthRoutes } from './routes/health.js'
import { mobileRoutes } from './routes/mobile.js'
import { participantRoutes } from './routes/participants.js'
import { seatRoutes } from './routes/seats.js'
import { sessionRoutes } from './routes/sessions.js'
import { storyRoutes } from './routes/stories.js'
import { votingRoutes } from './routes/voting.js'
import type { Services } from './services.js'
import { clearTokenCookie, tokenCookieOf } from './token-cookie.js'
import { validator } from './validate.js'

const HANDLERS: Handlers = {
  ...sessionRoutes,
  ...votingRoutes,
  ...participantRoutes,
  ...eventRoutes,
  ...mobileRoutes,
  ...estimationRoutes,
  ...storyRoutes,
  ...seatRoutes,
  ...healthRoutes,
}

/** A route with all that stands before its handler. */
interface Route {
  readonly name: RouteName
  readonly limit: RequestHandler | null
  /** `null`: there is none to read. */
  readonly bodyLimits: BodyLimits | null
  readonly answer: (request: Request, response: Response, body: unknown) => void
}

/**
 * Every route of the table (contract section 5), as one middleware: the rate limit, the body, the
 * session, the input, the actor, then the handler, which waits for its stage of the turn. It finds a
 * route by its path at once, where a router would try one after the other.
 * @param limits - `null`: there are none
 */
export function dispatch(services: Services, limits: RateLimits | null): RequestHandler {
  const routes = routeIndex(services, limits)
  return (request, response, next) => {
    const found = routes.find(request.method, pathOf(request))
    if (found === null) return next()
    if (found.type === 'other_methods') {
      const refuse = () => methodNotAllowed(found.methods)(request, response, next)
      return limits === null
        ? refuse()
        : limits.page(request, response, (error) => (error === undefined ? refuse() : next(error)))
    }
    const { name, limit, bodyLimits, answer } = found.route
    factsOf(response).route = name
    request.params = { ...found.parameters }
    const proceed = (fault: unknown, body: unknown) => {
      if (fault !== null) return next(fault)
      services.turn.at('commands', () => {
        try {
          answer(request, response, body)
        } catch (error) {
          next(error)
        }
      })
    }
    const read = () =>
      bodyLimits === null ? proceed(null, undefined) : readBody(request, bodyLimits, proceed)
    if (limit === null) return read()
    return limit(request, response, (error) => (error === undefined ? read() : next(error)))
  }
}

function routeIndex(services: Services, limits: RateLimits | null): RouteIndex<Route> {
  const index = new RouteIndex<Route>()
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const definition: RouteDefinition = ROUTES[name]
    const rateClass = rateClassOf(name)
    index.add(definition.method, definition.path, {
      name,
      limit: limits === null || rateClass === null ? null : limits[rateClass],
      bodyLimits: bodyLimitsOf(definition, services),
      answer: answerOf(name, definition, services),
    })
  }
  return index
}

function bodyLimitsOf(
  { method, body, bodyMediaType, bodyBytesMax }: RouteDefinition,
  { config }: Services,
): BodyLimits | null {
  if (method === 'get') return null
  return {
    bytesMax: Math.min(bodyBytesMax, config.MAX_REQUEST_SIZE),
    isIgnored: body === null,
    mediaType: bodyMediaType,
  }
}

/** Their commands say that somebody is there, and how; of every other proven request that is recorded before it. */
const SHOWS_LIFE_ITSELF: ReadonlySet<RouteName> = new Set<RouteName>(['reconnect', 'heartbeat'])

/** From a request to an answer, as the route table says. */
function answerOf(name: RouteName, definition: RouteDefinition, services: Services): Route['answer'] {
  const handler = HANDLERS[name] as Handler<RouteName>
  const validate = validator(definition, services.config)
  const hasTarget = definition.path.includes('{session_id}')
  return (request, response, sent) => {
    if (services.supervisor.isDraining) {
      closeAfter(response)
      if (definition.method !== 'get') throw new WireError('SERVICE_UNAVAILABLE')
    }
    const facts = factsOf(response)
    const host = hasTarget ? findHost(services, request, response) : undefined
    const { query, body } = validate(request, sent)
    const by =
      definition.identity === null || host === undefined
        ? undefined
        : identify(request, host, query[definition.identity], services.config)
    facts.userId = by ?? null
    if (by !== undefined && !SHOWS_LIFE_ITSELF.has(name)) host?.showLife(by)
    const key = definition.method === 'get' ? null : idempotencyKey(request)
    const repeats = key === null ? null : new Repeats(key, { services, request, response, host, by, body })
    const known = repeats?.known() ?? null
    if (known !== null) return services.turn.at('answers', jsonAnswer(response, known.status, known.body))
    const seatToken = new SeatToken(key, services.ids)
    const input = { services, request, response, host, query, body, by, seatToken }
    const result = onBehalfOf(facts, () => handler(input as Parameters<typeof handler>[0]))
    if (result === undefined) return
    const { status } = definition.success
    repeats?.keep({ status, body: Object.fromEntries(Object.entries(result)) }, seatToken)
    services.turn.at('answers', jsonAnswer(response, status, result))
  }
}

function findHost({ supervisor }: Services, request: Request, response: Response): SessionHost {
  const id = sessionId.safeParse(request.params['session_id'])
  factsOf(response).sessionId = id.success ? id.data : null
  const host = id.success ? supervisor.find(id.data) : undefined
  if (host !== undefined) return host
  if (id.success && tokenCookieOf(request, id.data) !== null) clearTokenCookie(request, response, id.data)
  throw new WireError('SESSION_NOT_FOUND', {
    context: { expired: id.success && supervisor.hasEnded(id.data) },
  })
}

function pathOf({ url }: Request): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}
