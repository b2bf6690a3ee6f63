import type { RequestHandler, Response } from 'express'
import type { Config } from '../platform/config.js'
import type { Telemetry } from '../runtime/telemetry.js'
import { WireError } from '../wire/errors.js'
import type { IdentityParameter, RouteDefinition } from '../wire/route-definition.js'
import { ROUTES, type RouteName } from '../wire/routes.js'
import { sessionId } from '../wire/scalars.js'
import { type Admission, type BodyLimits, readBody } from './body.js'
import { beginCall, callOf } from './call.js'
import { identify, recognise } from './identity.js'
import { chain } from './middleware/chain.js'
import { factsOf } from './middleware/request-facts.js'
import { closeAfter } from './reply.js'
import type { Services } from './services.js'
import { openResponse, RETRY_SOON_MS, turnAway } from './sse/response.js'
import { clearTokenCookie, tokenCookieOf } from './token-cookie.js'
import { validator } from './validate.js'

/*
 * The steps of every route, in the order in which a request passes them; behind them its answer is made.
 */

/**
 * A route accepts the request. Its answer must not be cached unless the handler says otherwise: most answers
 * are momentary, and some contain a secret.
 */
export function begin(name: RouteName): RequestHandler {
  return (_request, response, next) => {
    factsOf(response).route = name
    beginCall(response)
    response.setHeader('Cache-Control', 'no-store')
    next()
  }
}

/**
 * Reads the body, if the route has one, up to the limits of the table and `MAX_REQUEST_SIZE`.
 * @param proof - the steps that show whether the caller may send anything: a large body is received only after
 * them, and is `SERVICE_UNAVAILABLE` while too many others arrive
 */
export function takeBody(
  definition: RouteDefinition,
  { config, telemetry, largeBodies }: Services,
  proof: readonly RequestHandler[],
): RequestHandler {
  const limits = limitsOf(definition, config.MAX_REQUEST_SIZE)
  const inTurn = (work: () => void) => largeBodies.inTurn(work)
  const prove = chain((fault, _request, _response, done) => done(fault), ...proof)
  return (request, response, next) => {
    const admit: Admission = (decided) =>
      prove(request, response, (fault?: unknown) => {
        if (fault !== undefined) return decided(fault)
        // Nobody would give back the place of a client that has gone meanwhile.
        if (response.destroyed) return
        if (!largeBodies.enter()) return decided(new WireError('SERVICE_UNAVAILABLE', { detail: NO_PLACE }))
        response.once('close', () => largeBodies.leave())
        decided(undefined)
      })
    readBody(request, { limits, inTurn, admit }, (fault, body) => {
      factsOf(response).readAt = telemetry.now()
      callOf(response).sent = body
      next(fault)
    })
  }
}

const NO_PLACE = 'Too many large bodies arrive at the moment; try again shortly.'

function limitsOf(
  { body, bodyMediaType, bodyBytesMax }: RouteDefinition,
  requestBytesMax: number,
): BodyLimits {
  return {
    bytesMax: Math.min(bodyBytesMax, requestBytesMax),
    isIgnored: body === null,
    mediaType: bodyMediaType,
  }
}

/**
 * Continues when the turn of the event loop reaches its commands: by then everything that arrived with this
 * request has been read. A draining server accepts no more commands; one that was read before is executed
 * like any other.
 * @param isCommand - it may change something
 */
export function awaitTurn(isCommand: boolean, { supervisor, turn }: Services): RequestHandler {
  return (_request, response, next) => {
    if (supervisor.isDraining) {
      closeAfter(response)
      if (isCommand) throw new WireError('SERVICE_UNAVAILABLE')
    }
    turn.at('commands', next)
  }
}

const LOG_AWAY = 'Sessions cannot be read at the moment; try again shortly.'

/**
 * Finds the session in the path, up to date with its log: `SESSION_NOT_FOUND` if there is none,
 * `SERVICE_UNAVAILABLE` if that cannot be determined, or only a server of another release can tell; a stream is
 * turned away without an error, as streams are. Commands are never decided by outdated state. A cookie of a
 * session that is over is cleared.
 */
export function findSession(name: RouteName, { supervisor, telemetry }: Services): RequestHandler {
  const isCommand = ROUTES[name].method !== 'get'
  return (request, response, next) => {
    const id = sessionId.safeParse(request.params['session_id'])
    factsOf(response).sessionId = id.success ? id.data : null
    if (!id.success) throw new WireError('SESSION_NOT_FOUND', { context: { expired: false } })
    supervisor.open(id.data, (host, isFresh) => {
      if (host === null || (isCommand && !isFresh)) {
        if (name === 'stream') return turnStreamAway(response, telemetry)
        if (isCommand) telemetry.commands.unavailable += 1
        next(new WireError('SERVICE_UNAVAILABLE', { detail: LOG_AWAY }))
        return
      }
      const call = callOf(response)
      call.host = host
      call.isStale = !isFresh
      if (host !== undefined) return next()
      if (tokenCookieOf(request, id.data) !== null) clearTokenCookie(request, response, id.data)
      next(new WireError('SESSION_NOT_FOUND', { context: { expired: supervisor.hasEnded(id.data) } }))
    })
  }
}

function turnStreamAway(response: Response, telemetry: Telemetry): void {
  telemetry.streamsTurnedAway.unavailable += 1
  if (response.destroyed) return
  openResponse(response)
  turnAway(response, RETRY_SOON_MS)
}

/** Validates the path's ids, the query and the body with the route's schemas. */
export function readInput(definition: RouteDefinition, config: Pick<Config, 'PUBLIC_URL'>): RequestHandler {
  const validate = validator(definition, config)
  return (request, response, next) => {
    const call = callOf(response)
    call.input = validate(request, call.sent)
    next()
  }
}

type IdentityConfig = Parameters<typeof identify>[3] & Pick<Config, 'IDENTITY'>

/** Their commands already record presence; for all other authenticated requests it is recorded beforehand. */
const SHOWS_LIFE_ITSELF: ReadonlySet<RouteName> = new Set<RouteName>(['reconnect', 'heartbeat'])

/** Identifies the actor, whose presence this also proves. */
export function readActor(
  name: RouteName,
  parameter: IdentityParameter,
  config: IdentityConfig,
): RequestHandler {
  const showsLife = !SHOWS_LIFE_ITSELF.has(name)
  return (request, response, next) => {
    const call = callOf(response)
    const { host, input } = call
    if (host !== undefined) {
      call.by = identify(request, host, input.query[parameter], config)
      factsOf(response).userId = call.by
      if (showsLife) host.showLife(call.by)
    }
    next()
  }
}

/** Whoever reads and proves to be a participant is present (contract section 6), though they need not prove it. */
export function noteReader(config: IdentityConfig): RequestHandler {
  return (request, response, next) => {
    const { host, isStale } = callOf(response)
    const reader = host === undefined || isStale ? null : recognise(request, host, config)
    if (reader !== null) host?.showLife(reader)
    next()
  }
}
