import { statusOf } from '../../machines/session/machine.js'
import { SESSION_STATUSES } from '../../machines/session/status.js'
import { VERSION } from '../platform/version.js'
import type { Supervisor } from '../runtime/supervisor.js'
import type { Telemetry } from '../runtime/telemetry.js'
import type { EventLoop } from './event-loop.js'
import type { Health } from './health.js'
import { CHECKS } from './levels.js'
import { type LogSources, logMetrics } from './log-metrics.js'
import { counter, gauge, histogram, type Metric, type Sample, total } from './metric.js'

/** The sources of the metrics. */
export interface Sources {
  readonly telemetry: Telemetry
  readonly supervisor: Supervisor
  readonly streams: { readonly count: number }
  readonly streamsMax: number
  readonly eventLoop: EventLoop
  readonly health: Health
  readonly isReady: () => boolean
  /** The sources of an external command log; `null`: there is none. */
  readonly log: LogSources | null
}

const LEVEL_VALUES = { ok: 0, warning: 1, critical: 2 } as const

/** Every metric of this server. */
export function catalog(sources: Sources): readonly Metric[] {
  return [
    ...requestMetrics(sources),
    ...sessionMetrics(sources),
    ...streamMetrics(sources),
    ...processMetrics(sources),
    ...(sources.log === null ? [] : logMetrics(sources.log)),
  ]
}

function requestMetrics({ telemetry }: Sources): Metric[] {
  return [
    {
      type: 'counter',
      name: 'api_requests_total',
      help: 'Finished requests, by endpoint, method and status; a stream counts when it closes',
      read: () =>
        telemetry.requests.flatMap(({ endpoint, method, byStatus }) =>
          [...byStatus].map(([status, value]) => ({
            labels: { endpoint, method, status: String(status) },
            value,
          })),
        ),
    },
    {
      type: 'histogram',
      name: 'api_request_duration_seconds',
      help: 'Duration of requests, without streams and long polls, which wait by design',
      read: () =>
        telemetry.requests.flatMap(({ endpoint, method, durations }) =>
          durations === null ? [] : [{ labels: { endpoint, method }, histogram: durations }],
        ),
    },
    {
      type: 'counter',
      name: 'errors_total',
      help: 'Error answers to clients, by code',
      read: () =>
        telemetry.errors.map(({ code, severity, count }) => ({
          labels: { error_type: code, severity },
          value: count,
        })),
    },
    counter(
      'commands_total',
      'Commands to sessions, timers’ own included',
      'outcome',
      () => telemetry.commands,
    ),
  ]
}

function sessionMetrics({ telemetry, supervisor }: Sources): Metric[] {
  return [
    gauge('sessions_max', 'Sessions there may be', () => supervisor.capacity.max),
    gauge('sessions_active', 'Sessions', () => supervisor.capacity.active),
    {
      type: 'gauge',
      name: 'sessions',
      help: 'Sessions, by status',
      read: () => sessionsByStatus(supervisor),
    },
    gauge('users_active', 'Participants of all sessions who are online', () =>
      participantsOf(supervisor, true),
    ),
    gauge('users_away', 'Participants of all sessions who are not', () => participantsOf(supervisor, false)),
    total('sessions_created_total', 'Sessions created', () => telemetry.sessionsCreated),
    counter('sessions_ended_total', 'Sessions ended, by reason', 'reason', () => telemetry.sessionsEnded),
    histogram('session_duration_minutes', 'How long sessions lasted', () => telemetry.sessionDurations),
    total(
      'users_joined_total',
      'Seats taken, by those who created a session too',
      () => telemetry.usersJoined,
    ),
    total('voting_rounds_total', 'Rounds whose cards were turned', () => telemetry.votingRounds),
    histogram(
      'voting_duration_seconds',
      'From the start of a round to its reveal',
      () => telemetry.votingDurations,
    ),
    histogram('votes_per_round', 'Votes at the reveal', () => telemetry.votesPerRound),
    counter(
      'mobile_optimizations_total',
      'Phones that were served as they asked, by what was done for them',
      'optimization_type',
      () => telemetry.mobileOptimizations,
    ),
    total('actor_failures_total', 'Steps of a session actor that failed', () => telemetry.actorFailures),
    total('readers_failed_total', 'Readers that threw and were cut', () => telemetry.readersFailed),
    total(
      'actor_restarts_total',
      'Session actors restarted from their last good state',
      () => telemetry.actorRestarts,
    ),
    total('events_published_total', 'Events of all sessions', () => telemetry.eventsPublished),
    total('events_delivered_total', 'Events written, once for each reader', () => telemetry.eventsDelivered),
    histogram(
      'broadcast_latency_seconds',
      'From a command accepted until its events are written to the last reader that takes them at once',
      () => telemetry.broadcast,
    ),
  ]
}

function streamMetrics({ telemetry, streams, streamsMax }: Sources): Metric[] {
  return [
    gauge('sse_connections_active', 'Open streams', () => streams.count),
    gauge('sse_connections_max', 'Streams that may be open', () => streamsMax),
    counter(
      'sse_connections_total',
      'Streams opened: with the whole state (fresh), with exactly what was missed (replay), or with the whole state because the log had moved on (full_sync)',
      'start',
      () => telemetry.streamsOpened,
    ),
    counter(
      'sse_connections_closed_total',
      'Streams closed, by reason',
      'reason',
      () => telemetry.streamsClosed,
    ),
    counter(
      'sse_connections_turned_away_total',
      'Streams that could not be opened: no place (full), a server about to end (draining), too many from one address (rate_limited), nobody could say what the log has (unavailable)',
      'reason',
      () => telemetry.streamsTurnedAway,
    ),
    counter(
      'resyncs_total',
      'Whole states sent to open streams, by reason',
      'reason',
      () => telemetry.resyncs,
    ),
    counter(
      'reconnects_total',
      'Answers to reconnect, by kind of synchronisation',
      'sync',
      () => telemetry.reconnects,
    ),
  ]
}

function processMetrics({ eventLoop, health, isReady }: Sources): Metric[] {
  const delay = () => health.known?.loopDelay ?? eventLoop.delay(false)
  return [
    {
      type: 'gauge',
      name: 'info',
      help: 'The version running here',
      read: () => [{ labels: { version: VERSION, node: process.version }, value: 1 }],
    },
    gauge('ready', 'Whether the server takes requests: not while it drains or just after a stall', () =>
      Number(isReady()),
    ),
    {
      type: 'gauge',
      name: 'event_loop_delay_seconds',
      help: 'How late the event loop was in the last health interval',
      read: () => Object.entries(delay()).map(([statistic, value]) => ({ labels: { statistic }, value })),
    },
    total(
      'event_loop_stalls_total',
      'Times that the event loop stood still for a second or longer',
      () => eventLoop.stalls,
    ),
    {
      type: 'gauge',
      name: 'health_check',
      help: 'Health checks: 0 ok, 1 warning, 2 critical',
      read: () => CHECKS.map((check) => ({ labels: { check }, value: LEVEL_VALUES[health.levels[check]] })),
    },
    gauge(
      'memory_usage_ratio',
      'Memory used, of the limit that holds for this process',
      () => health.known?.values.memory_usage ?? null,
    ),
    gauge(
      'cpu_usage_ratio',
      'CPU time used, of what this process may use',
      () => health.known?.cpuUsage ?? null,
    ),
  ]
}

function sessionsByStatus(supervisor: Supervisor): Sample[] {
  const counts = new Map<string, number>(SESSION_STATUSES.map((status) => [status, 0]))
  counts.delete('ended')
  for (const { snapshot } of supervisor.sessions()) {
    const status = statusOf(snapshot)
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  return [...counts].map(([status, value]) => ({ labels: { status }, value }))
}

function participantsOf(supervisor: Supervisor, isOnline: boolean): number {
  let count = 0
  for (const { snapshot } of supervisor.sessions()) {
    count += snapshot.context.participants.filter((participant) => participant.isOnline === isOnline).length
  }
  return count
}
