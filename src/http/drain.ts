import type { Server } from 'node:http'
import type { Connections } from './connections.js'
import type { Services } from './services.js'

/** Clients reconnect spread over this time, the first of them after this delay. */
const RETRY_SPREAD_MS = 5_000
const RETRY_AFTER_MS = 1_000
/** How often connections are checked for having finished. */
const LOOK_MS = 50
/** How long request headers in transit may take. */
const SILENT_MS_MAX = 250
/** How long a stream's last frame may take; a client that does not read it does not delay the shutdown. */
const LAST_WORDS_MS_MAX = 1_000

/**
 * Shuts a server down: it accepts nothing new, tells streams when to reconnect and ends them, answers long
 * polls, and finishes running requests. Idle connections and readers that do not read are closed, and so is
 * whatever is left at `SHUTDOWN_SECONDS`.
 */
export async function drain(server: Server, connections: Connections, services: Services): Promise<void> {
  const { config, monitoring, streams, supervisor, inspection, commandLog } = services
  supervisor.drain()
  inspection?.close()
  for (const stream of streams) {
    stream.restart(RETRY_AFTER_MS + Math.random() * RETRY_SPREAD_MS)
  }
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const host of supervisor.sessions()) host.readers.endAll('shutdown')
  const timers = [
    setTimeout(() => connections.cutSilent(), SILENT_MS_MAX),
    setTimeout(() => {
      for (const stream of streams) stream.destroy()
    }, LAST_WORDS_MS_MAX),
    setTimeout(() => connections.cutAll(), config.SHUTDOWN_SECONDS),
  ]
  const look = setInterval(() => server.closeIdleConnections(), LOOK_MS)
  await closed
  for (const timer of timers) clearTimeout(timer)
  clearInterval(look)
  monitoring.stop()
  // Commands that still get a place in the log find their session running.
  await commandLog.close()
  supervisor.stop()
}
