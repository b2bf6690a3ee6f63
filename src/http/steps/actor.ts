import type { RequestHandler } from 'express'
import type { Config } from '../../platform/config.js'
import type { IdentityParameter } from '../../wire/route-definition.js'
import type { RouteName } from '../../wire/routes.js'
import { callOf } from '../call.js'
import { identify } from '../identity.js'
import { factsOf } from '../middleware/request-facts.js'

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
