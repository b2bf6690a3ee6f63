import type { RequestHandler } from 'express'
import type { RouteName } from '../../wire/routes.js'
import { beginCall } from '../call.js'
import { factsOf } from '../middleware/request-facts.js'

/**
 * A route takes the request. Its answer is kept nowhere unless the handler says otherwise: most of them are
 * of this moment, and some hold a secret.
 */
export function begin(name: RouteName): RequestHandler {
  return (_request, response, next) => {
    factsOf(response).route = name
    beginCall(response)
    response.setHeader('Cache-Control', 'no-store')
    next()
  }
}
