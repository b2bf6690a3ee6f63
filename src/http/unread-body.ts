import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** No route takes a longer body. */
const LENGTH_MAX = 1_048_576
/** How long a client has to read the answer before its connection is closed. */
const LINGER_MS = 500

/**
 * Bounds what is read of a body that nobody waits for. Node.js reads all of it, for as long as a request may
 * take: if it has no end, or comes in chunks of one byte, that is work for nothing.
 */
export function boundUnreadBodies(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): RequestListener {
  return (request, response) => {
    if (mayBeEndless(request)) {
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

function mayBeEndless({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > LENGTH_MAX
}

/** A reset at once would overtake the answer. */
function closeUnread(socket: Socket): void {
  socket.pause()
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}
