import type { Socket } from 'node:net'
import type { RequestHandler, Response } from 'express'

/** Responses that came when another was still to be sent on their connection, until they close. */
const waiting = new WeakMap<Socket, Set<Response>>()

/**
 * Tells a response of its connection's end while it waits behind another on that connection
 * (pipelining): it has no socket yet then, and Node.js closes only responses that have one. What hangs
 * on `close`, a stream's place above all, would stay for ever.
 */
export const closeWithConnection: RequestHandler = (request, response, next) => {
  if (response.socket === null) {
    const { socket } = request
    const responses = waiting.get(socket) ?? follow(socket)
    responses.add(response)
    response.once('close', () => responses.delete(response))
  }
  next()
}

/** One listener a connection, however many wait on it. */
function follow(socket: Socket): Set<Response> {
  const responses = new Set<Response>()
  waiting.set(socket, responses)
  socket.once('close', () => {
    for (const response of responses) if (response.socket === null) response.emit('close')
  })
  return responses
}
