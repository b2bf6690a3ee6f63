import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * A server's connections, so that its shutdown need not wait for silent ones: Node knows which have been
 * answered and are idle, but not which never sent a request. Browsers open such connections.
 */
export class Connections {
  readonly #all = new Set<Socket>()
  /**
   * Those that may carry requests, with the response to the latest one until it is sent: otherwise an idle
   * connection would keep the whole request in memory.
   */
  readonly #open = new Map<Socket, ServerResponse | 'silent' | 'idle'>()

  /** @param spokenOver - the event after which a connection may carry requests: with TLS, the end of its handshake */
  constructor(server: Server, spokenOver: 'connection' | 'secureConnection') {
    server.on('connection', (socket: Socket) => {
      this.#all.add(socket)
      socket.once('close', () => this.#all.delete(socket))
    })
    server.on(spokenOver, (socket: Socket) => {
      this.#open.set(socket, 'silent')
      socket.once('close', () => this.#open.delete(socket))
    })
    server.on('request', ({ socket }, response) => {
      // A connection that has closed meanwhile must not come back.
      if (!this.#open.has(socket)) return
      this.#open.set(socket, response)
      response.once('close', () => {
        if (this.#open.get(socket) === response) this.#open.set(socket, 'idle')
      })
    })
  }

  /**
   * Whether data written to a connection now would be read as the answer to the last request, and not as part
   * of another answer in progress, such as a stream.
   */
  mayBeAnswered(socket: Socket): boolean {
    const newest = this.#open.get(socket)
    if (newest === undefined || typeof newest === 'string' || newest.writableFinished) return true
    return newest.socket !== null && !newest.headersSent
  }

  /** Closes those that have not sent complete request headers yet. */
  cutSilent(): void {
    for (const [socket, newest] of this.#open) if (newest === 'silent') socket.destroy()
  }

  /** Closes all, including those in the middle of a handshake. */
  cutAll(): void {
    for (const socket of this.#all) socket.destroy()
  }
}
