import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { commentFrame, retryFrame } from '../wire/sse-frame.js'
import { createApp } from './app.js'
import { answerClientError } from './client-error.js'
import { messageClassesOf } from './messages.js'
import type { Services } from './services.js'
import { offerUpgrades } from './upgrade.js'

/** A client must have sent its headers, and its whole request, within these. Streams are answers and not concerned. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 20_000
/** Longer than a proxy in front keeps its idle connections. */
const KEEP_ALIVE_MS = 75_000
/** Connections beside the streams' own. */
const CONNECTIONS_SPARE = 2_000
/** When the server goes, clients come back spread over this time. */
const RETRY_SPREAD_MS = 5_000
const RETRY_AFTER_DRAIN_MS = 1_000

export interface RunningServer {
  /** The port that it listens on, whatever was asked for. */
  readonly port: number
  /** Streams are told to come back and end, running requests finish; at the drain limit what is left is cut off. */
  stop(): Promise<void>
}

/**
 * Listens for HTTP.
 * @throws what listening throws: the port is taken, the address is not this machine's
 */
export async function startServer(services: Services): Promise<RunningServer> {
  const { config, inspection } = services
  const app = createApp(services)
  const messages = messageClassesOf(app)
  const server = createServer(
    {
      ...messages,
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    app,
  )
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
  return { port: portOf(server), stop: () => stop(server, services) }
}

async function stop(
  server: Server,
  { config, monitoring, streams, supervisor, inspection }: Services,
): Promise<void> {
  supervisor.drain()
  inspection?.close()
  for (const stream of streams) {
    const retryMs = RETRY_AFTER_DRAIN_MS + Math.random() * RETRY_SPREAD_MS
    stream.endWith(retryFrame(retryMs) + commentFrame('the server restarts'))
  }
  await new Promise<void>((resolve) => {
    const limit = setTimeout(() => server.closeAllConnections(), config.SHUTDOWN_SECONDS)
    server.close(() => {
      clearTimeout(limit)
      resolve()
    })
    for (const host of supervisor.sessions()) host.readers.endAll('shutdown')
  })
  monitoring.stop()
  supervisor.stop()
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return address.port
}
