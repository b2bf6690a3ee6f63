import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** So many answers may wait behind another on their connection; a browser sends nothing before it has the last one. */
const WAITING_MAX = 8

/** What has come and is not answered, of connections on which several requests were sent at once. */
const unanswered = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * Bounds a connection on which requests are sent before the last one is answered (pipelining): one on which
 * more than {@link WAITING_MAX} answers wait is cut, since everything that waits is kept in memory.
 *
 * A response that waits has no socket yet, and Node.js closes only responses that have one; what hangs on
 * `close`, a stream's place above all, would stay for ever. So it is told of its connection's end here.
 */
export function boundPipeline(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): RequestListener {
  return (request, response) => {
    const { socket } = request
    // What was in one packet with the request that went too far is still read.
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

/** Those that have come to the front are counted no more. */
function waitingOf(responses: ReadonlySet<ServerResponse>): number {
  let count = 0
  for (const response of responses) if (response.socket === null && !response.writableFinished) count += 1
  return count
}

/** One listener a connection, however many wait on it. */
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
