import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How many answers may wait behind another on their connection; browsers do not pipeline. */
const WAITING_MAX = 8

/** How many requests in a row one connection may bring before others have their turn. */
const IN_A_ROW_MAX = 16

/** Requests not answered yet, for connections that sent several at once. */
const unanswered = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * Bounds pipelining, where requests are sent before the last one is answered: a connection is closed
 * - with more than {@link WAITING_MAX} answers waiting, since everything that waits is kept in memory;
 * - with more than {@link IN_A_ROW_MAX} requests in one turn of the event loop. They are all answered before
 *   anybody else is heard, and what a kernel keeps for a connection holds tens of thousands of them.
 *
 * A waiting response has no socket yet, and Node.js closes only responses that have one. Whatever depends on
 * `close`, above all a stream's place, would stay forever, so such responses learn here that their connection
 * has ended.
 */
export function boundPipeline(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): RequestListener {
  const turn = new Turn()
  return (request, response) => {
    const { socket } = request
    // Requests in the same packet as the one that exceeded the limit are still read.
    if (socket.destroyed) return
    if (turn.requestsInARow(socket) > IN_A_ROW_MAX || isOneTooMany(response, socket)) socket.destroy()
    else answer(request, response)
  }
}

/** Counts the requests that one connection brings in one turn of the event loop, one right after the other. */
class Turn {
  #socket: Socket | null = null
  #count = 0

  /** @returns the number with this one; the last one of an earlier turn may count too */
  requestsInARow(socket: Socket): number {
    if (socket !== this.#socket) {
      this.#socket = socket
      this.#count = 1
      return 1
    }
    this.#count += 1
    // Only now, so that it costs nothing where connections take turns.
    if (this.#count === 2) setImmediate(this.#end)
    return this.#count
  }

  readonly #end = () => {
    this.#socket = null
  }
}

/** Whether a response is one too many behind an unfinished one. */
function isOneTooMany(response: ServerResponse, socket: Socket): boolean {
  if (response.socket !== null) return false
  const responses = unanswered.get(socket) ?? follow(socket)
  responses.add(response)
  response.once('close', () => responses.delete(response))
  return waitingOf(responses) > WAITING_MAX
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
