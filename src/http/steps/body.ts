import type { RequestHandler } from 'express'
import type { RouteDefinition } from '../../wire/route-definition.js'
import { type BodyLimits, readBody } from '../body.js'
import { callOf } from '../call.js'
import { factsOf } from '../middleware/request-facts.js'
import type { Services } from '../services.js'

/** Reads the body, if the route has one, up to the limits of the table and `MAX_REQUEST_SIZE`. */
export function takeBody(definition: RouteDefinition, { config, telemetry }: Services): RequestHandler {
  const limits = limitsOf(definition, config.MAX_REQUEST_SIZE)
  return (request, response, next) => {
    readBody(request, limits, (fault, body) => {
      factsOf(response).readAt = telemetry.now()
      callOf(response).sent = body
      next(fault ?? undefined)
    })
  }
}

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
