import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { Connections } from './connections.js'
import type { MessageClasses } from './messages.js'

/** How it reads what comes, the handshake's patience included. */
export interface ListenerOptions
  extends MessageClasses,
    Pick<ServerOptions, 'headersTimeout' | 'requestTimeout' | 'maxHeaderSize'> {
  readonly handshakeTimeout: number
  readonly keepAliveTimeout: number
  readonly connectionsCheckingInterval: number
}

/** A server that is about to listen, with its connections. */
export interface Listener {
  readonly server: Server
  readonly connections: Connections
  /** When its certificate stops being valid; `null`: it speaks plain HTTP. */
  readonly certificateValidUntil: Date | null
  /**
   * Takes up the certificate that is in the files now; open connections go on.
   * @returns when that stops being valid; `null`: it speaks plain HTTP
   * @throws {ConfigError} when it is not usable; the old one stays
   */
  readonly renewCertificate: () => Date | null
}

/** Plain HTTP. */
export function plainListener(answer: RequestListener, options: ListenerOptions): Listener {
  const server = createServer(options, answer)
  return {
    server,
    connections: new Connections(server, 'connection'),
    certificateValidUntil: null,
    renewCertificate: () => null,
  }
}
