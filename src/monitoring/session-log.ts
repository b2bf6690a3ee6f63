import type { Clock } from '../../machines/ports.js'
import type { Logger } from '../platform/logger.js'
import type { SupervisorObserver } from '../runtime/supervisor.js'

/** What becomes of sessions, as log lines. */
export function sessionLog(logger: Logger, clock: Pick<Clock, 'now'>): SupervisorObserver {
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

    restarted: ({ id, log }) =>
      logger.warn({ session_id: id, state_version: log.last }, 'session actor restarted'),

    givenUp: ({ id }) => logger.error({ session_id: id }, 'session actor given up'),
  }
}
