import type { Inspection } from './http/inspection.js'
import { type RunningServer, startServer } from './http/server.js'
import { createServices, type Services } from './http/services.js'
import { SteadyClock, wallClock } from './platform/clock.js'
import { type Config, readConfig } from './platform/config.js'
import { readEnvironment } from './platform/environment.js'
import { randomIds } from './platform/ids.js'
import { createLogger, type Logger, logDestination } from './platform/logger.js'
import { VERSION } from './platform/version.js'

const EXIT_FAULT = 1

/**
 * The composition root: the environment in, a listening server out, signals to its end.
 * @throws {ConfigError} when the environment is not valid; what else goes wrong is in the log
 */
export async function serve(): Promise<void> {
  const config = readConfig(readEnvironment())
  const logger = createLogger(config, wallClock, await logDestination())
  const inspection = await inspectionFor(config, logger)
  const clock = new SteadyClock({ mayJump: () => services.supervisor.capacity.active === 0 })
  const services: Services = createServices({
    config,
    clock,
    ids: randomIds,
    logger,
    ...(inspection === null ? {} : { inspection }),
  })
  try {
    const server = await startServer(services)
    endOnSignals(server, logger)
    const { HOST, IDENTITY, MAX_SESSIONS, MAX_USERS_PER_SESSION } = config
    logger.info(
      {
        version: VERSION,
        node: process.version,
        pid: process.pid,
        host: HOST,
        port: server.port,
        url: `http://localhost:${server.port}`,
        ...(inspection === null ? {} : { inspect: `http://localhost:${server.port}/inspect` }),
        identity: IDENTITY,
        max_sessions: MAX_SESSIONS,
        max_users_per_session: MAX_USERS_PER_SESSION,
      },
      'ready',
    )
  } catch (error) {
    logger.fatal({ err: error, host: config.HOST, port: config.PORT }, 'cannot listen')
    process.exitCode = EXIT_FAULT
    services.supervisor.stop()
  }
}

/** Loaded only when it is on: off, it costs nothing. */
async function inspectionFor(config: Config, logger: Logger): Promise<Inspection | null> {
  if (config.INSPECT === 'false') return null
  const { Inspector } = await import('./dev/inspector/inspector.js')
  return new Inspector(systemClock, logger)
}

/** The first signal drains; a second one ends at once. What nobody caught is logged, drained and exits 1. */
function endOnSignals(server: RunningServer, logger: Logger): void {
  let isEnding = false
  const end = async (cause: string, exitCode: number) => {
    if (isEnding) process.exit(EXIT_FAULT)
    isEnding = true
    logger.info({ cause }, 'draining')
    await server.stop()
    logger.info({ cause }, 'stopped')
    process.exit(exitCode)
  }
  process.on('SIGTERM', () => end('SIGTERM', 0))
  process.on('SIGINT', () => end('SIGINT', 0))
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught')
    return end('uncaught', EXIT_FAULT)
  })
}
