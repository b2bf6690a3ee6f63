import { IncomingMessage, ServerResponse } from 'node:http'
import type { Express } from 'express'

/** The classes that a server makes its requests and responses of. */
export interface MessageClasses {
  readonly IncomingMessage: typeof IncomingMessage
  readonly ServerResponse: typeof ServerResponse
}

/**
 * Express gives every request and response another prototype when they come in, and objects whose
 * prototype has changed are slow from then on: a request through this app's layers takes 42 µs so, and 6
 * where they are made of these classes, which have the prototype already (Node 20, without the sockets).
 *
 * @param isUpgrade - whether a request that asks for another protocol gets it; all others are ordinary
 * requests. Without it none does, which is Node's own way as long as nobody listens for upgrades.
 */
export function messageClassesOf(
  app: Express,
  isUpgrade?: (request: IncomingMessage) => boolean,
): MessageClasses {
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  if (isUpgrade !== undefined) decideUpgrades(AppRequest.prototype, isUpgrade)
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype })
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse }
}

/**
 * Node hands every request that asks for an upgrade over, whatever to and without its body, once somebody
 * listens for any. It looks at this property when it has read the head.
 */
function decideUpgrades(prototype: IncomingMessage, isUpgrade: (request: IncomingMessage) => boolean): void {
  const asked = new WeakSet<IncomingMessage>()
  Object.defineProperty(prototype, 'upgrade', {
    get(this: IncomingMessage) {
      return asked.has(this) && (this.method === 'CONNECT' || isUpgrade(this))
    },
    set(this: IncomingMessage, asks: boolean | null) {
      if (asks === true) asked.add(this)
      else asked.delete(this)
    },
  })
}
