import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * A server's connections, so that its end need not wait for those that ask for nothing: Node knows
 * which have been answered and are idle, but not which never sent a request. Browsers open such.
 */
export class Connections {
  readonly #all = new Set<Socket>()
  readonly #silent = new Set<Socket>()
  /** To the newest request of each, until it is answered: an idle connection would hold all of that request. */
  readonly #answers = new WeakMap<Socket, ServerResponse>()

  /** @param spokenOver - the event that brings a connection which may carry requests: with TLS, when its handshake is over */
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
   * Whether what is written to a connection now would be read as an answer to what came last, and not as a part
   * of another that is still on its way, as a stream is.
   */
  mayBeAnswered(socket: Socket): boolean {
    const newest = this.#answers.get(socket)
    if (newest === undefined || newest.writableFinished) return true
    return newest.socket !== null && !newest.headersSent
  }

  /** Cuts those that have not sent a whole request head yet. */
  cutSilent(): void {
    for (const socket of this.#silent) socket.destroy()
  }

  /** Cuts all, those in the middle of a handshake included. */
  cutAll(): void {
    for (const socket of this.#all) socket.destroy()
  }
}

function keepWhileOpen(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
}
