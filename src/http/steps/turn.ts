import type { RequestHandler } from 'express'
import { WireError } from '../../wire/errors.js'
import { closeAfter } from '../reply.js'
import type { Services } from '../services.js'

/**
 * Goes on when the turn of the event loop has come to its commands: everything that came in with this request
 * has been read by then. A server that drains takes no more commands; one that was read before is carried
 * out like any other.
 * @param isCommand - it may change something
 */
export function awaitTurn(isCommand: boolean, { supervisor, turn }: Services): RequestHandler {
  return (_request, response, next) => {
    if (supervisor.isDraining) {
      closeAfter(response)
      if (isCommand) throw new WireError('SERVICE_UNAVAILABLE')
    }
    turn.at('commands', next)
  }
}
