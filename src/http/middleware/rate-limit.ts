import type { RequestHandler, Response } from 'express'
import type { Clock } from '../../../machines/ports.js'
import type { Telemetry } from '../../runtime/telemetry.js'
import { WireError } from '../../wire/errors.js'
import type { RouteName } from '../../wire/routes.js'
import { clientAddress } from '../client-address.js'
import { openResponse, turnAway } from '../sse/response.js'
import { RateWindows } from './rate-windows.js'

/** Classes of requests that are counted separately, per client address. */
export type RateClass = 'create' | 'join' | 'command' | 'stream' | 'page'

const WINDOW_MS = 60_000

/**
 * Requests per minute from one address; `page` is everything outside the route table: pages and their files,
 * wrong addresses and methods. A team of sixteen behind one address starts a round every few seconds, and all
 * of them vote, change their votes and reload; a flood is a hundred times that.
 */
export const RATE_LIMITS: Readonly<Record<RateClass, number>> = {
  create: 60,
  join: 240,
  command: 3_000,
  stream: 1_200,
  page: 3_000,
}

export type RateLimits = Readonly<Record<RateClass, RequestHandler>>

/** The class of a route; `null`: it costs so little that it is not counted, since monitoring asks often. */
export function rateClassOf(name: RouteName): RateClass | null {
  switch (name) {
    case 'createSession':
      return 'create'
    case 'joinSession':
      return 'join'
    case 'stream':
      return 'stream'
    case 'health':
    case 'live':
    case 'ready':
    case 'metrics':
      return null
    default:
      return 'command'
  }
}

/**
 * One counter per class. Answers carry draft-8 `RateLimit` headers; requests beyond the limit are
 * `RATE_LIMITED`, except for streams, which get no error. The windows use a clock that cannot be set, and the
 * refusals come from the table, so a library would only add the two headers, at the same cost
 * (express-rate-limit takes 2.9 µs per request, this 3.4).
 */
export function rateLimits(clock: Clock, telemetry: Telemetry): RateLimits {
  const limit = (name: RateClass): RequestHandler => {
    const windows = new RateWindows(clock, WINDOW_MS)
    const hitsMax = RATE_LIMITS[name]
    const policy = `"${name}"; q=${hitsMax}; w=${WINDOW_MS / 1_000}`
    return (request, response, next) => {
      const { hits, leftMs } = windows.hit(clientAddress(request))
      const leftSeconds = Math.ceil(leftMs / 1_000)
      response.setHeader('RateLimit-Policy', policy)
      response.setHeader('RateLimit', `"${name}"; r=${Math.max(0, hitsMax - hits)}; t=${leftSeconds}`)
      if (hits <= hitsMax) return next()
      if (name === 'stream') return turnStreamAway(response, telemetry)
      const context = { limit: hitsMax, window_seconds: WINDOW_MS / 1_000 }
      next(new WireError('RATE_LIMITED', { retryAfterSeconds: leftSeconds, context }))
    }
  }
  return {
    create: limit('create'),
    join: limit('join'),
    command: limit('command'),
    stream: limit('stream'),
    page: limit('page'),
  }
}

function turnStreamAway(response: Response, telemetry: Telemetry): void {
  telemetry.streamsTurnedAway.rate_limited += 1
  openResponse(response)
  turnAway(response)
}
