import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import type { Clock } from '../../../machines/ports.js'
import type { Telemetry } from '../../runtime/telemetry.js'
import type { RouteName } from '../../wire/routes.js'
import { clientAddress } from '../client-address.js'
import { openResponse, turnAway } from '../sse/response.js'
import { sendProblem } from './errors.js'
import { RateWindows } from './rate-windows.js'

/** What is counted apart, per client address. */
export type RateClass = 'create' | 'join' | 'command' | 'stream'

const WINDOW_MS = 60_000

/**
 * Requests a minute from one address. A team of sixteen behind one address starts a round every few
 * seconds and all of them vote, change their minds and reload; a flood is a hundred times that.
 */
export const RATE_LIMITS: Readonly<Record<RateClass, number>> = {
  create: 60,
  join: 240,
  command: 3_000,
  stream: 1_200,
}

/** The class of a route; health checks are not counted. */
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
      return null
    default:
      return 'command'
  }
}

/** One counter a class, with the draft-8 `RateLimit` headers; beyond the limit `RATE_LIMITED`, but for streams, where no error is sent. */
export function rateLimits(clock: Clock, telemetry: Telemetry): Readonly<Record<RateClass, RequestHandler>> {
  const limit = (name: RateClass) =>
    rateLimit({
      windowMs: WINDOW_MS,
      limit: RATE_LIMITS[name],
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      identifier: name,
      store: new RateWindows(clock, WINDOW_MS),
      keyGenerator: clientAddress,
      handler: (request, response) => {
        if (name === 'stream') {
          telemetry.streamsTurnedAway.rate_limited += 1
          openResponse(response)
          turnAway(response)
          return
        }
        const retryAfterSeconds = Number(response.get('Retry-After') ?? WINDOW_MS / 1_000)
        const info = {
          retryAfterSeconds,
          context: { limit: RATE_LIMITS[name], window_seconds: WINDOW_MS / 1_000 },
        }
        sendProblem(response, request.path, { code: 'RATE_LIMITED', info, at: clock.now() })
      },
    })
  return { create: limit('create'), join: limit('join'), command: limit('command'), stream: limit('stream') }
}
