import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long a client has to read the answer before its connection is closed. */
const LINGER_MS = 500

/**
 * Bounds what is read of a body in chunks that nobody waits for. Node.js reads all of it, for as long as a
 * request may take: in chunks of one byte, that keeps everybody else waiting.
 */
export function boundUnreadBodies(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): RequestListener {
  return (request, response) => {
    if (request.headers['transfer-encoding'] !== undefined) {
      const { socket } = request
      // Nothing is read of it until its turn comes, and that can take as long as a poll.
      if (response.socket === null) return void socket.destroy()
      response.once('finish', () => {
        if (!request.complete) closeUnread(socket)
      })
    }
    answer(request, response)
  }
}

/** A reset at once would overtake the answer. */
function closeUnread(socket: Socket): void {
  socket.pause()
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}
