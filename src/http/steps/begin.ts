import type { RequestHandler } from 'express'
import type { RouteName } from '../../wire/routes.js'
import { beginCall } from '../call.js'
import { factsOf } from '../middleware/request-facts.js'

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
