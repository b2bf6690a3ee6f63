import type { Clock } from '../machines/ports.js'
import type { Inspection } from './http/inspection.js'
import { isPageBuilt, WEB_FOLDER } from './http/pages/web.js'
import { type RunningServer, startServer } from './http/server.js'
import { createServices, type Services } from './http/services.js'
import { memoryLog } from './log/memory/command-log.js'
import { SteadyClock, wallClock } from './platform/clock.js'
import { type Config, readConfig, variablesWithoutEffect } from './platform/config.js'
import { ConfigError } from './platform/config-error.js'
import { readEnvironment } from './platform/environment.js'
import { randomIds } from './platform/ids.js'
import { createLogger, type Logger, logDestination } from './platform/logger.js'
import { endInOrder } from './platform/process-end.js'
import { VERSION } from './platform/version.js'
import type { CommandLog } from './runtime/command-log.js'
import { LogFigures } from './runtime/log-figures.js'

const EXIT_FAULT = 1

/**
 * The composition root: reads the environment, starts the server, handles signals.
 * @throws {ConfigError} when the environment is not valid; other failures are logged
 */
export async function serve(): Promise<void> {
  const environment = readEnvironment()
  const config = readConfig(environment)
  const logger = createLogger(config, wallClock, await logDestination())
  const variables = variablesWithoutEffect(environment)
  if (variables.length > 0) logger.warn({ variables }, 'settings without effect')
  let services: Services | null = null
  const chosen = await commandLogFor(config, logger)
  if (chosen === null) return
  const { wall, ...log } = chosen
  const { commandLog } = log
  const clock = new SteadyClock({
    sources: { monotonic: () => performance.now(), wall },
    mayJump: () => !services?.supervisor.capacity.active,
  })
  const inspection = await inspectionFor(config, clock, logger)
  services = createServices({
    config,
    clock,
    ids: randomIds,
    logger,
    ...log,
    ...(inspection === null ? {} : { inspection }),
  })
  try {
    if (commandLog.isDurable) await takeUp(services, logger)
    const server = await startServer(services)
    endInOrder(() => server.stop(), logger)
    // Without a certificate the signal keeps its meaning: the terminal has closed.
    if (server.certificateValidUntil !== null) process.on('SIGHUP', () => renewCertificate(server, logger))
    announce(server, config, logger)
    if (!isPageBuilt())
      logger.warn({ folder: WEB_FOLDER }, 'the page is not built and cannot be opened: npm run build')
  } catch (error) {
    services.supervisor.stop()
    await commandLog.close()
    if (error instanceof ConfigError) throw error
    logger.fatal({ err: error, host: config.HOST, port: config.PORT }, 'cannot listen')
    process.exitCode = EXIT_FAULT
  }
}

interface ChosenLog {
  readonly commandLog: CommandLog
  readonly logFigures?: LogFigures
  /** The time of day: deadlines of sessions that outlive this machine use the log's time. */
  readonly wall: () => number
}

/**
 * Loads only the chosen log.
 * @returns `null` when it is unreachable, which is logged and may be better at the next start
 * @throws {ConfigError} when it is not suitable
 */
async function commandLogFor(config: Config, logger: Logger): Promise<ChosenLog | null> {
  const {
    COMMAND_LOG: url,
    CLEANUP_INTERVAL_SECONDS: tidyMs,
    LOG_ACK: ack,
    METRICS_ENABLED: isCollecting,
  } = config
  if (url === null) return { commandLog: memoryLog, wall: () => Date.now() }
  const { RedisLog } = await import('./log/redis/command-log.js')
  try {
    const logFigures = new LogFigures({ isCollecting })
    const commandLog = await RedisLog.open({ url, logger, tidyMs, ack, figures: logFigures })
    return { commandLog, logFigures, wall: () => commandLog.now() }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    logger.fatal({ err: error }, 'no command log')
    process.exitCode = EXIT_FAULT
    return null
  }
}

/** Continues the sessions of an earlier process. */
async function takeUp({ supervisor }: Services, logger: Logger): Promise<void> {
  const { sessions, left } = await supervisor.restore()
  logger.info({ sessions }, 'sessions restored')
  if (left > 0) logger.warn({ sessions: left }, 'sessions not restored: MAX_SESSIONS is lower than it was')
}

/** Loaded only when it is on; when off, it costs nothing. */
async function inspectionFor(config: Config, clock: Clock, logger: Logger): Promise<Inspection | null> {
  if (config.INSPECT === 'false') return null
  const { Inspector } = await import('./dev/inspector/inspector.js')
  return new Inspector(clock, logger)
}

/** The ready line: what runs where. */
function announce({ port, certificateValidUntil }: RunningServer, config: Config, logger: Logger): void {
  const scheme = certificateValidUntil === null ? 'http' : 'https'
  logger.info(
    {
      version: VERSION,
      node: process.version,
      pid: process.pid,
      host: config.HOST,
      port,
      url: `${scheme}://localhost:${port}`,
      ...(config.INSPECT === 'false' ? {} : { inspect: `${scheme}://localhost:${port}/inspect` }),
      ...(certificateValidUntil === null ? {} : { certificate_valid_until: certificateValidUntil }),
      identity: config.IDENTITY,
      max_sessions: config.MAX_SESSIONS,
      max_users_per_session: config.MAX_USERS_PER_SESSION,
    },
    'ready',
  )
}

/** A fault in a new certificate is logged, and the old one stays in use. */
function renewCertificate(server: RunningServer, logger: Logger): void {
  try {
    const validUntil = server.renewCertificate()
    logger.info({ certificate_valid_until: validUntil }, 'certificate renewed')
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    logger.error({ faults: error.faults }, 'certificate refused')
  }
}
