import type { Server } from 'node:http'
import type { Connections } from './connections.js'
import type { Services } from './services.js'

/** Clients come back spread over this time, the first of them after this much. */
const RETRY_SPREAD_MS = 5_000
const RETRY_AFTER_MS = 1_000
/** How often connections are looked at that have nothing more to do. */
const LOOK_MS = 50
/** A request head that is on its way has this long. */
const SILENT_MS_MAX = 250
/** A stream's last words have this long to go out; who does not read them does not hold the end up. */
const LAST_WORDS_MS_MAX = 1_000

/**
 * Ends a server: nothing new is taken, streams are told when to come back and end, long polls are
 * answered, running requests finish. Idle connections and readers that do not read are cut. What is
 * left at `SHUTDOWN_SECONDS` is cut as well.
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
  // What still gets its place finds its session running.
  await commandLog.close()
  supervisor.stop()
}
