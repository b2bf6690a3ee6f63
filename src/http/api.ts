import type { ErrorRequestHandler, IRouter, RequestHandler } from 'express'
import type { RouteDefinition } from '../wire/route-definition.js'
import { ROUTE_NAMES, ROUTES, type RouteName } from '../wire/routes.js'
import { answer } from './answer.js'
import { chain } from './middleware/chain.js'
import { methodNotAllowed } from './middleware/errors.js'
import { type RateLimits, rateClassOf } from './middleware/rate-limit.js'
import type { Handlers } from './route.js'
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
import { awaitTurn, begin, findSession, noteReader, readActor, readInput, takeBody } from './steps.js'

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

/**
 * The router tries one path after the other, at 0.1 µs each, so the most frequent requests come first. The
 * order has no other effect, since no two paths match the same address.
 */
const OFTEN: readonly RouteName[] = [
  'castVote',
  'getSession',
  'stream',
  'pollEvents',
  'heartbeat',
  'joinSession',
]

interface Surroundings {
  /** `null`: there are none. */
  readonly limits: RateLimits | null
  readonly answerFault: ErrorRequestHandler
}

/**
 * Adds every route of the table (contract section 5): its steps in order, and a refusal of every other method
 * at its address.
 * @param router - the application itself: another router inside it would search twice for every request
 */
export function addApiRoutes(
  router: IRouter,
  services: Services,
  { limits, answerFault }: Surroundings,
): void {
  for (const [path, names] of byPath()) {
    const route = router.route(path)
    for (const name of names) {
      const rateClass = rateClassOf(name)
      const limit = limits === null || rateClass === null ? [] : [limits[rateClass]]
      route[methodOf(name)](chain(answerFault, begin(name), ...limit, ...stepsOf(name, services)))
    }
    route.all(...(limits === null ? [] : [limits.page]), methodNotAllowed(methodsAt(names)))
  }
}

function stepsOf(name: RouteName, services: Services): RequestHandler[] {
  const definition: RouteDefinition = ROUTES[name]
  const isCommand = definition.method !== 'get'
  const hasSession = definition.path.includes('{session_id}')
  const finding = [awaitTurn(isCommand, services), ...(hasSession ? [findSession(name, services)] : [])]
  const readingFor = (row: RouteDefinition) => [
    readInput(row, services.config),
    ...(row.identity === null ? [] : [readActor(name, row.identity, services.config)]),
  ]
  return [
    ...(isCommand
      ? [takeBody(definition, services, [...finding, ...readingFor({ ...definition, body: null })])]
      : []),
    ...finding,
    ...readingFor(definition),
    ...(hasSession && !isCommand && name !== 'stream' ? [noteReader(services.config)] : []),
    answer(name, HANDLERS[name], services),
  ]
}

/** The table's rows by their path in Express's syntax, the most frequent first. */
function byPath(): ReadonlyMap<string, RouteName[]> {
  const paths = new Map<string, RouteName[]>()
  for (const name of new Set([...OFTEN, ...ROUTE_NAMES])) {
    const path = ROUTES[name].path.replaceAll(/\{(\w+)\}/g, ':$1')
    paths.set(path, [...(paths.get(path) ?? []), name])
  }
  return paths
}

function methodOf(name: RouteName): RouteDefinition['method'] {
  return ROUTES[name].method
}

function methodsAt(names: readonly RouteName[]): string[] {
  return names
    .map(methodOf)
    .flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
}
