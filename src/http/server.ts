import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Config } from '../platform/config.js'
import { createApp } from './app.js'
import { answerClientError } from './client-error.js'
import { connectionsMaxOf, limitConnections } from './connection-limit.js'
import { drain } from './drain.js'
import type { Inspection } from './inspection.js'
import { type Listener, type ListenerOptions, plainListener } from './listener.js'
import { messageClassesOf } from './messages.js'
import { docsPage } from './pages/docs.js'
import { webPage } from './pages/web.js'
import { boundPipeline } from './pipeline.js'
import type { Services } from './services.js'
import { boundUnreadBodies } from './unread-body.js'

/** How long a client may take, in milliseconds. Streams have their own limits. */
export interface Patience {
  /** To send a request's headers. */
  readonly headersMs: number
  /** To send the whole request. */
  readonly requestMs: number
  /** To send the next request on the same connection. */
  readonly keepAliveMs: number
  /** To finish a TLS handshake. */
  readonly handshakeMs: number
  /** To read any part of an answer. */
  readonly stallMs: number
  /** How often slow clients are checked for; they may take this much longer. */
  readonly lookMs: number
}

const PATIENCE: Patience = {
  headersMs: 10_000,
  requestMs: 20_000,
  // Longer than a proxy in front keeps idle connections.
  keepAliveMs: 75_000,
  handshakeMs: 5_000,
  // Longer than a long poll is silent.
  stallMs: 30_000,
  lookMs: 2_000,
}

/** The limit for request headers. A browser sends up to 180 cookies per host, some hundred bytes each here. */
const HEAD_BYTES_MAX = 32_768

/** Connections in addition to those of streams. */
const CONNECTIONS_SPARE = 2_000

/** Connections that may wait while the server is busy; a kernel may allow fewer (on Linux `net.core.somaxconn`). */
const BACKLOG = 4_096

/** The first answers do not wait for the pages' files to be read. */
const READ_PAGES_AFTER_MS = 1_000

export interface RunningServer extends Pick<Listener, 'certificateValidUntil' | 'renewCertificate'> {
  /** The port that it actually listens on. */
  readonly port: number
  /**
   * Tells streams to reconnect and ends them, finishes running requests; at the drain limit, whatever is left
   * is closed.
   */
  stop(): Promise<void>
}

/**
 * Listens for HTTP, or for HTTPS if the configuration names a certificate.
 * @throws {ConfigError} when the certificate is not usable
 * @throws what listening throws: the port is taken, or the address is not this machine's
 */
export async function startServer(services: Services, patience = PATIENCE): Promise<RunningServer> {
  const { config, inspection } = services
  const pages = [docsPage(), webPage(config)]
  const app = createApp(services, pages)
  const messages = messageClassesOf(app, inspection?.isUpgrade)
  const listener = await listenerFor(boundPipeline(boundUnreadBodies(app)), config, {
    ...messages,
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    handshakeTimeout: patience.handshakeMs,
    keepAliveTimeout: patience.keepAliveMs,
    connectionsCheckingInterval: patience.lookMs,
    maxHeaderSize: HEAD_BYTES_MAX,
  })
  const { server } = listener
  server.on('clientError', (error: Error, socket: Socket) =>
    answerClientError(error, socket, listener.connections.mayBeAnswered(socket)),
  )
  if (inspection !== undefined) takeUpgrades(server, inspection)
  const connectionsMax = connectionsMaxOf(config)
  if (connectionsMax !== null) limitConnections(server, connectionsMax)
  server.setTimeout(patience.stallMs)
  server.maxConnections = config.MAX_STREAMS + CONNECTIONS_SPARE
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: config.PORT, host: config.HOST, backlog: BACKLOG }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  services.monitoring.start()
  setTimeout(() => {
    for (const page of pages) page.readAll()
  }, READ_PAGES_AFTER_MS).unref()
  return {
    port: portOf(server),
    certificateValidUntil: listener.certificateValidUntil,
    renewCertificate: listener.renewCertificate,
    stop: () => drain(server, listener.connections, services),
  }
}

/** TLS is loaded only if needed, so that other starts need not wait for it. */
async function listenerFor(
  answer: RequestListener,
  config: Config,
  options: ListenerOptions,
): Promise<Listener> {
  const { SSL_KEYFILE, SSL_CERTFILE } = config
  if (SSL_KEYFILE === null || SSL_CERTFILE === null) return plainListener(answer, options)
  const { secureListener } = await import('./secure-listener.js')
  return secureListener(answer, options, { SSL_KEYFILE, SSL_CERTFILE })
}

function takeUpgrades(server: Server, inspection: Inspection): void {
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    inspection.upgrade(request, socket, head)
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return address.port
}
