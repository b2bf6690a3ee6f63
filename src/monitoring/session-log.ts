import type { Clock } from '../../machines/ports.js'
import type { Logger } from '../platform/logger.js'
import type { SessionHost } from '../runtime/session-host.js'
import type { SessionObserver } from '../runtime/session-lives.js'
import type { Alerts } from './alerts.js'

/** Logs the life of sessions; a corrupt state also raises an alert. */
export function sessionLog(
  logger: Logger,
  clock: Pick<Clock, 'now'>,
  alerts: Pick<Alerts, 'add'>,
): SessionObserver {
  return {
    created: ({ id, snapshot: { context } }) =>
      logger.info({ session_id: id, user_id: context.scrumMasterId }, 'session created'),

    ended: ({ id, log, snapshot: { context } }, reason) =>
      logger[reason === 'failed' ? 'error' : 'info'](
        {
          session_id: id,
          reason,
          events: log.last,
          participants: context.participants.length,
          duration_seconds: Math.round((clock.now() - context.createdAt) / 1_000),
        },
        'session ended',
      ),

    failed: ({ id, log }, fault, error) =>
      logger.error({ session_id: id, fault, state_version: log.last, err: error }, 'session actor failed'),

    restarted: (host) => {
      logger.warn(
        { session_id: host.id, state_version: host.log.last, ...reportOf(host) },
        'session actor restarted',
      )
      alert(host, alerts)
    },

    unreadable: (id, error) => logger.error({ session_id: id, err: error }, 'session cannot be read'),

    givenUp: (host) => {
      logger.error({ session_id: host.id, ...reportOf(host) }, 'session actor given up')
      alert(host, alerts)
    },
  }
}

/** The corruption report, if the state was corrupt. */
function reportOf({ corruptionReport }: SessionHost): object {
  return corruptionReport === null ? {} : { corruption_report: corruptionReport }
}

/** Anybody may read alerts, so it does not name the session. */
function alert({ corruptionReport }: SessionHost, alerts: Pick<Alerts, 'add'>): void {
  if (corruptionReport === null) return
  const { corruption_type, recovery_successful } = corruptionReport
  const outcome = recovery_successful ? 'it was set back to its last good state' : 'it could not be recovered'
  alerts.add('CRITICAL', `a session's state was corrupt; ${outcome}`, {
    corruption_type,
    recovery_successful: String(recovery_successful),
  })
}
