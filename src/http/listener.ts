import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { Connections } from './connections.js'
import type { MessageClasses } from './messages.js'

/** How it reads requests, including the limit for a handshake. */
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
  /** When its certificate expires; `null`: plain HTTP. */
  readonly certificateValidUntil: Date | null
  /**
   * Loads the certificate that is in the files now; open connections continue.
   * @returns when it expires; `null`: plain HTTP
   * @throws {ConfigError} when it is not usable; the old one stays in use
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
