import type { NextFunction, RequestHandler } from 'express'
import { onBehalfOf } from '../../platform/log-scope.js'
import type { RouteDefinition } from '../../wire/route-definition.js'
import { ROUTES, type RouteName } from '../../wire/routes.js'
import { callOf } from '../call.js'
import { idempotencyKey, Repeats } from '../idempotency/repeats.js'
import { SeatToken } from '../idempotency/seat-token.js'
import { factsOf } from '../middleware/request-facts.js'
import { jsonAnswer } from '../reply.js'
import type { Handler, RouteInput } from '../route.js'
import type { Services } from '../services.js'

/**
 * Has the handler answer, now or when it has what it waits for. The answer is made at once, so that it says
 * what the command came to, and sent with all others of the turn. Whatever is thrown on the way is this
 * request's error and nobody else's.
 */
export function answer<Name extends RouteName>(
  name: Name,
  handler: Handler<Name>,
  services: Services,
): RequestHandler {
  const definition: RouteDefinition = ROUTES[name]
  const isRead = definition.method === 'get'
  return (request, response, next) => {
    const facts = factsOf(response)
    const { host, input, by } = callOf(response)
    const key = isRead ? null : idempotencyKey(request)
    const repeats =
      key === null ? null : new Repeats(key, { services, request, response, host, by, body: input.body })
    const send = (status: number, body: unknown) => {
      const sent = jsonAnswer(response, status, body)
      services.turn.at('answers', () => contained(sent, next))
    }
    const known = repeats?.known() ?? null
    if (known !== null) return send(known.status, known.body)
    const seatToken = new SeatToken(key, services.ids)
    const settle = (value: object | null, status: number = definition.success.status) => {
      repeats?.keep({ status, body: { ...value } }, seatToken)
      send(status, value)
    }
    const reply: Reply = (value, status) =>
      contained(() => onBehalfOf(facts, () => settle(value, status)), next)
    const given: unknown = { services, request, response, ...input, host, by, seatToken, reply, fail: next }
    // The schemas of this very row have made it; no type can follow that through the table.
    const answered = onBehalfOf(facts, () => handler(given as RouteInput<Name>))
    if (answered !== undefined) settle(answered)
  }
}

type Reply = (value: object | null, status?: number) => void

function contained(work: () => void, next: NextFunction): void {
  try {
    work()
  } catch (error) {
    next(error)
  }
}
