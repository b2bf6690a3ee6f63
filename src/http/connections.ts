import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * A server's connections, so that its shutdown need not wait for silent ones: Node knows which have been
 * answered and are idle, but not which never sent a request. Browsers open such connections.
 */
export class Connections {
  readonly #all = new Set<Socket>()
  readonly #silent = new Set<Socket>()
  /**
   * The response to each connection's latest request, until it is sent: otherwise an idle connection would
   * keep the whole request in memory.
   */
  readonly #answers = new WeakMap<Socket, ServerResponse>()

  /** @param spokenOver - the event after which a connection may carry requests: with TLS, the end of its handshake */
  constructor(server: Server, spokenOver: 'connection' | 'secureConnection') {
    server.on('connection', (socket) => keepWhileOpen(this.#all, socket))
    server.on(spokenOver, (socket) => keepWhileOpen(this.#silent, socket))
    server.on('request', ({ socket }, response) => {
      this.#silent.delete(socket)
      this.#answers.set(socket, response)
      response.once('close', () => {
        if (this.#answers.get(socket) === response) this.#answers.delete(socket)
      })
    })
  }

  /**
   * Whether data written to a connection now would be read as the answer to the last request, and not as part
   * of another answer in progress, such as a stream.
   */
  mayBeAnswered(socket: Socket): boolean {
    const newest = this.#answers.get(socket)
    if (newest === undefined || newest.writableFinished) return true
    return newest.socket !== null && !newest.headersSent
  }

  /** Closes those that have not sent complete request headers yet. */
  cutSilent(): void {
    for (const socket of this.#silent) socket.destroy()
  }

  /** Closes all, including those in the middle of a handshake. */
  cutAll(): void {
    for (const socket of this.#all) socket.destroy()
  }
}

function keepWhileOpen(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
}
