import type { RequestHandler } from 'express'
import type { Config } from '../../platform/config.js'
import type { RouteDefinition } from '../../wire/route-definition.js'
import { callOf } from '../call.js'
import { validator } from '../validate.js'

/** Validates the path's ids, the query and the body with the route's schemas. */
export function readInput(definition: RouteDefinition, config: Pick<Config, 'PUBLIC_URL'>): RequestHandler {
  const validate = validator(definition, config)
  return (request, response, next) => {
    const call = callOf(response)
    call.input = validate(request, call.sent)
    next()
  }
}
