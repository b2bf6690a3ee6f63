import type { SessionId } from '../../../machines/ids.js'
import type { RouteDefinition } from '../../wire/route-definition.js'
import { ROUTES, type RouteName } from '../../wire/routes.js'
import type { Input } from '../validate.js'

/** What a request asks for, validated. */
export interface Asked extends Input {
  readonly route: RouteName | null
  readonly sessionId: SessionId | null
}

/**
 * What a request asks for, as text. It is the same however the address is written, whatever the request has
 * that is ignored, and in every process of a release. It does not say who asks.
 */
export function requestText({ route, sessionId, params, query, body }: Asked): string {
  const definition: RouteDefinition | null = route && ROUTES[route]
  const wishes = Object.entries(query).filter(([name]) => name !== definition?.identity)
  return flatText([route, sessionId, params, wishes, body])
}

/**
 * The text of a JSON value, different for every value. `JSON.stringify` calls itself for every level, and a
 * client's state may have more of them than the stack has room for.
 */
function flatText(value: unknown): string {
  let text = ''
  const left = [value]
  while (left.length > 0) {
    const one = left.pop()
    if (typeof one === 'string') text += `${one.length}"${one}`
    else if (typeof one !== 'object' || one === null) text += `${one},`
    else if (Array.isArray(one)) {
      text += `${one.length}[`
      for (const item of one) left.push(item)
    } else {
      const names = Object.keys(one)
      text += `${names.length}{`
      for (const name of names) left.push(Reflect.get(one, name), name)
    }
  }
  return text
}
