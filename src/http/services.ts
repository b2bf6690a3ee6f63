import type { Clock, Ids } from '../../machines/ports.js'
import type { SessionMachine } from '../../machines/session/machine.js'
import { Alerts } from '../monitoring/alerts.js'
import { Monitoring } from '../monitoring/monitoring.js'
import { sessionLog } from '../monitoring/session-log.js'
import type { Config } from '../platform/config.js'
import type { Logger } from '../platform/logger.js'
import type { CommandLog } from '../runtime/command-log.js'
import type { LogFigures } from '../runtime/log-figures.js'
import type { SessionObserver } from '../runtime/session-lives.js'
import { Supervisor } from '../runtime/supervisor.js'
import { Telemetry } from '../runtime/telemetry.js'
import { Turn } from '../runtime/turn.js'
import { Replies } from './idempotency/replies.js'
import { Underway } from './idempotency/underway.js'
import type { Inspection } from './inspection.js'
import { LargeBodies } from './large-bodies.js'
import { SeatGuesses } from './seat-guesses.js'
import { Beat } from './sse/beat.js'
import type { StreamSurroundings } from './sse/stream.js'
import { Streams } from './sse/streams.js'

/** Dependencies from outside the process, and sources of randomness. */
export interface Surroundings {
  readonly config: Config
  readonly clock: Clock
  readonly ids: Ids
  readonly logger: Logger
  /** Puts the sessions' commands in order. */
  readonly commandLog: CommandLog
  /** The log's figures, if it is outside the process. */
  readonly logFigures?: LogFigures
  /** The chart that sessions run; replaced only to test faults. */
  readonly machine?: SessionMachine
  /** Development only. */
  readonly inspection?: Inspection
}

/** The dependencies of the routes. */
export interface Services extends Surroundings {
  readonly supervisor: Supervisor
  readonly replies: Replies
  readonly underway: Underway
  readonly streams: Streams
  readonly streamSurroundings: StreamSurroundings
  readonly telemetry: Telemetry
  readonly alerts: Alerts
  readonly turn: Turn
  readonly monitoring: Monitoring
  readonly seatGuesses: SeatGuesses
  readonly largeBodies: LargeBodies
}

/** Assembles the runtime for a configuration. */
export function createServices(surroundings: Surroundings): Services {
  const { config, clock, logger, commandLog, logFigures = null, machine, inspection } = surroundings
  const telemetry = new Telemetry({ date: () => clock.now(), isCollecting: config.METRICS_ENABLED })
  const alerts = new Alerts(clock)
  const turn = new Turn((error) => {
    logger.error({ err: error }, 'work failed')
    telemetry.errorOccurred('INTERNAL_SERVER_ERROR', 'error')
    alerts.add('ERROR', 'Error occurred: work failed', {
      error_code: 'INTERNAL_SERVER_ERROR',
      severity: 'error',
    })
  })
  const replies = new Replies()
  const supervisor = new Supervisor({
    telemetry,
    turn,
    clock,
    sessionsMax: config.MAX_SESSIONS,
    sessionsPerAddressMax: config.MAX_SESSIONS_PER_ADDRESS,
    desertedMs: config.DESERTED_MINUTES,
    eventLogSize: config.EVENT_LOG_SIZE,
    commandLog,
    settings: {
      participantsMax: config.MAX_USERS_PER_SESSION,
      debounceMs: config.DISCONNECT_DEBOUNCE_SECONDS,
      presenceMs: config.PRESENCE_SECONDS,
      lifeMs: config.SESSION_LIFE_HOURS === 0 ? null : config.SESSION_LIFE_HOURS,
      idleMs: config.SESSION_TIMEOUT_MINUTES,
      idleWarningMs: config.SESSION_WARNING_MINUTES,
      graceMs: config.GRACE_PERIOD_MINUTES,
      graceWarningMs: config.GRACE_WARNING_MINUTES,
      revealMs: config.REVEAL_SECONDS,
    },
    observer: observers(sessionLog(logger, clock, alerts), replies),
    ...(machine === undefined ? {} : { machine }),
    onActor: inspection?.watch,
  })
  const streams = new Streams({
    perParticipant: config.MAX_STREAMS_PER_PARTICIPANT,
    perAddress: config.RATE_LIMITING ? config.MAX_STREAMS_PER_ADDRESS : null,
    perServer: config.MAX_STREAMS,
  })
  return {
    ...surroundings,
    telemetry,
    alerts,
    turn,
    supervisor,
    replies,
    underway: new Underway(),
    seatGuesses: new SeatGuesses(clock),
    largeBodies: new LargeBodies(),
    streams,
    streamSurroundings: {
      beat: new Beat(clock, Math.min(config.HEARTBEAT_SECONDS, config.MOBILE_HEARTBEAT_INTERVAL)),
      clock,
      usualPace: { heartbeatMs: config.HEARTBEAT_SECONDS, batchMs: 0 },
      streams,
    },
    monitoring: new Monitoring({
      clock,
      logger,
      telemetry,
      alerts,
      supervisor,
      commandLog,
      logFigures,
      streams,
      streamsMax: config.MAX_STREAMS,
      intervalMs: config.HEALTH_CHECK_INTERVAL,
    }),
  }
}

/** The observers of sessions: the log, and the answers that are kept until a session is over. */
function observers(log: SessionObserver, replies: Replies): SessionObserver {
  return {
    ...log,
    ended: (host, reason) => {
      replies.forget(host.id)
      log.ended(host, reason)
    },
  }
}
