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

/** How long a client may take, in milliseconds. Streams are not concerned: they have limits of their own. */
export interface Patience {
  /** To send a request's head. */
  readonly headersMs: number
  /** To send the whole request. */
  readonly requestMs: number
  /** To send the next request on the same connection. */
  readonly keepAliveMs: number
  /** To finish a TLS handshake. */
  readonly handshakeMs: number
  /** To take anything of an answer. */
  readonly stallMs: number
  /** How often slow ones are looked for; so much longer they may take. */
  readonly lookMs: number
}

const PATIENCE: Patience = {
  headersMs: 10_000,
  requestMs: 20_000,
  // Longer than a proxy in front keeps its idle connections.
  keepAliveMs: 75_000,
  handshakeMs: 5_000,
  // Longer than a long poll waits in silence.
  stallMs: 30_000,
  lookMs: 2_000,
}

/** Of a request's head. A browser sends up to 180 cookies of a host, each of some hundred bytes here. */
const HEAD_BYTES_MAX = 32_768

/** Connections beside the streams' own. */
const CONNECTIONS_SPARE = 2_000

/** Connections that may wait for a busy moment's end; a kernel may allow fewer (on Linux `net.core.somaxconn`). */
const BACKLOG = 4_096

/** The first answers do not wait for the pages' files. */
const READ_PAGES_AFTER_MS = 1_000

export interface RunningServer extends Pick<Listener, 'certificateValidUntil' | 'renewCertificate'> {
  /** The port that it listens on, whatever was asked for. */
  readonly port: number
  /** Streams are told to come back and end, running requests finish; at the drain limit what is left is cut off. */
  stop(): Promise<void>
}

/**
 * Listens for HTTP, or for HTTPS when the configuration names a certificate.
 * @throws {ConfigError} when the certificate is not usable
 * @throws what listening throws: the port is taken, the address is not this machine's
 */
export async function startServer(services: Services, patience = PATIENCE): Promise<RunningServer> {
  const { config, inspection } = services
  const pages = [docsPage(), webPage(config)]
  const app = createApp(services, pages)
  const messages = messageClassesOf(app, inspection?.isUpgrade)
  const listener = await listenerFor(boundPipeline(app), config, {
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

/** TLS is loaded only where it is spoken: elsewhere the start need not wait for it. */
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
