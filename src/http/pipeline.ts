import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How many answers may wait behind another on their connection; browsers do not pipeline. */
const WAITING_MAX = 8

/** Requests not answered yet, for connections that sent several at once. */
const unanswered = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * Bounds pipelining, where requests are sent before the last one is answered: a connection with more than
 * {@link WAITING_MAX} waiting answers is closed, since everything that waits is kept in memory.
 *
 * A waiting response has no socket yet, and Node.js closes only responses that have one. Whatever depends on
 * `close`, above all a stream's place, would stay forever, so such responses learn here that their connection
 * has ended.
 */
export function boundPipeline(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): RequestListener {
  return (request, response) => {
    const { socket } = request
    // Requests in the same packet as the one that exceeded the limit are still read.
    if (socket.destroyed) return
    if (response.socket === null) {
      const responses = unanswered.get(socket) ?? follow(socket)
      responses.add(response)
      response.once('close', () => responses.delete(response))
      if (waitingOf(responses) > WAITING_MAX) {
        socket.destroy()
        return
      }
    }
    answer(request, response)
  }
}

/** Responses that have reached the front no longer count. */
function waitingOf(responses: ReadonlySet<ServerResponse>): number {
  let count = 0
  for (const response of responses) if (response.socket === null && !response.writableFinished) count += 1
  return count
}

/** One listener per connection, however many responses wait on it. */
function follow(socket: Socket): Set<ServerResponse> {
  const responses = new Set<ServerResponse>()
  unanswered.set(socket, responses)
  socket.once('close', () => {
    for (const response of responses) {
      if (response.socket !== null) continue
      response.destroy()
      response.emit('close')
    }
  })
  return responses
}
