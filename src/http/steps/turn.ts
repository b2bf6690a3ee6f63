import type { RequestHandler } from 'express'
import { WireError } from '../../wire/errors.js'
import { closeAfter } from '../reply.js'
import type { Services } from '../services.js'

/**
 * Continues when the turn of the event loop reaches its commands: by then everything that arrived with this
 * request has been read. A draining server accepts no more commands; one that was read before is executed
 * like any other.
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
