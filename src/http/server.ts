import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Express } from 'express'
import { createApp } from './app.js'
import { type Certificate, readCertificate } from './certificate.js'
import { answerClientError } from './client-error.js'
import { Connections } from './connections.js'
import { drain } from './drain.js'
import { type MessageClasses, messageClassesOf } from './messages.js'
import type { Services } from './services.js'
import { offerUpgrades } from './upgrade.js'

/** How long a client may take, in milliseconds. Streams are answers, so they are not concerned. */
export interface Patience {
  /** To send a request's head. */
  readonly headersMs: number
  /** To send the whole request. */
  readonly requestMs: number
  /** To send the next request on the same connection. */
  readonly keepAliveMs: number
  /** To finish a TLS handshake. */
  readonly handshakeMs: number
  /** How often slow ones are looked for; so much longer they may take. */
  readonly lookMs: number
}

const PATIENCE: Patience = {
  headersMs: 10_000,
  requestMs: 20_000,
  // Longer than a proxy in front keeps its idle connections.
  keepAliveMs: 75_000,
  handshakeMs: 5_000,
  lookMs: 2_000,
}

/** Connections beside the streams' own. */
const CONNECTIONS_SPARE = 2_000

export interface RunningServer {
  /** The port that it listens on, whatever was asked for. */
  readonly port: number
  /** When its certificate stops being valid; `null`: it speaks plain HTTP. */
  readonly certificateValidUntil: Date | null
  /**
   * Takes up the certificate that is in the files now; open connections go on.
   * @throws {ConfigError} when it is not usable; the old one stays
   */
  renewCertificate(): Date | null
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
  const certificate = readCertificate(config)
  const app = createApp(services)
  const messages = messageClassesOf(app)
  const { server, connections, use } = createListener(app, { messages, patience, certificate })
  server.on('clientError', (error: Error, socket: Socket) => answerClientError(error, socket))
  if (inspection !== undefined) offerUpgrades(server, { app, messages, inspection })
  server.maxConnections = config.MAX_STREAMS + CONNECTIONS_SPARE
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.PORT, config.HOST, () => {
      server.off('error', reject)
      resolve()
    })
  })
  services.monitoring.start()
  return {
    port: portOf(server),
    certificateValidUntil: certificate?.validUntil ?? null,
    renewCertificate: () => {
      const renewed = readCertificate(config)
      if (renewed !== null) use(renewed)
      return renewed?.validUntil ?? null
    },
    stop: () => drain(server, connections, services),
  }
}

interface ListenerOptions {
  readonly messages: MessageClasses
  readonly patience: Patience
  readonly certificate: Certificate | null
}

interface Listener {
  readonly server: Server
  readonly connections: Connections
  /** New connections get this certificate. */
  readonly use: (certificate: Certificate) => void
}

function createListener(app: Express, { messages, patience, certificate }: ListenerOptions): Listener {
  const options = {
    ...messages,
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    keepAliveTimeout: patience.keepAliveMs,
    connectionsCheckingInterval: patience.lookMs,
  }
  if (certificate === null) {
    const server = createServer(options, app)
    return { server, connections: new Connections(server, 'connection'), use: () => {} }
  }
  const { key, cert } = certificate
  const server = createTlsServer({ ...options, handshakeTimeout: patience.handshakeMs, key, cert }, app)
  const connections = new Connections(server, 'secureConnection')
  return { server, connections, use: (renewed) => server.setSecureContext(renewed) }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return address.port
}
