import type { RequestHandler } from 'express'

/**
 * Tells a response of its connection's end while it waits behind another on that connection
 * (pipelining): it has no socket yet then, and Node.js closes only responses that have one. What hangs
 * on `close`, a stream's place above all, would stay for ever.
 */
export const closeWithConnection: RequestHandler = (request, response, next) => {
  if (response.socket === null) {
    request.socket.once('close', () => {
      if (response.socket === null && !response.closed) response.emit('close')
    })
  }
  next()
}
