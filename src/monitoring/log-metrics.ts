import type { CommandLog } from '../runtime/command-log.js'
import type { LogFigures } from '../runtime/log-figures.js'
import { counter, gauge, histogram, type Metric, total } from './metric.js'
import type { Overdue } from './overdue.js'

/** The sources of the metrics of an external command log. */
export interface LogSources {
  readonly commandLog: Pick<CommandLog, 'isAvailable' | 'nodes'>
  readonly figures: LogFigures
  readonly overdue: Pick<Overdue, 'seconds'>
}

/** Metrics of the command log and its effect on sessions. The in-memory log has none. */
export function logMetrics({ commandLog, figures, overdue }: LogSources): Metric[] {
  return [
    gauge('log_away', 'Whether the command log is away: 1, commands are answered 503', () =>
      Number(!commandLog.isAvailable),
    ),
    gauge(
      'log_silent_seconds',
      'Since the command log last answered; it is asked every second',
      () => figures.silentSeconds,
    ),
    histogram(
      'log_append_duration_seconds',
      'From a command proposed until it is known what became of it, or that this is not known in time',
      () => figures.appends,
    ),
    counter(
      'log_entries_total',
      'Entries carried out here: proposed here (own), by another server (other), read with their session (loaded)',
      'origin',
      () => figures.entries,
    ),
    histogram(
      'log_lag_seconds',
      'From an entry of another server until it is carried out here',
      () => figures.lag,
    ),
    gauge(
      'log_overdue_seconds',
      'How late the timer is that is due for longest and has not fired, of all sessions here',
      () => overdue.seconds,
    ),
    counter(
      'log_loads_total',
      'Sessions that were read from the log; unreadable: they cannot be gone on with here',
      'outcome',
      () => figures.loads,
    ),
    counter(
      'log_reloads_total',
      'Sessions that were read anew because what was here did not go on with the log, by reason',
      'reason',
      () => figures.reloads,
    ),
    total(
      'log_rebuilds_total',
      'Sessions that the log had lost and that were written again from memory',
      () => figures.rebuilds,
    ),
    gauge(
      'log_servers',
      'Servers that run on this log, as far as this one knows',
      () => commandLog.nodes.size,
    ),
  ]
}
