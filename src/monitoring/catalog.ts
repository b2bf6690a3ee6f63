import { statusOf } from '../../machines/session/machine.js'
import { SESSION_STATUSES } from '../../machines/session/status.js'
import { VERSION } from '../platform/version.js'
import type { Histogram } from '../runtime/histogram.js'
import type { Supervisor } from '../runtime/supervisor.js'
import type { Telemetry } from '../runtime/telemetry.js'
import type { EventLoop } from './event-loop.js'
import type { Health } from './health.js'
import { CHECKS } from './levels.js'

/** Never an id: a label has few values, known beforehand. */
export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** A figure with its name for the world; read when somebody asks. */
export type Metric =
  | {
      readonly type: 'counter' | 'gauge'
      readonly name: string
      readonly help: string
      readonly read: () => readonly Sample[]
    }
  | {
      readonly type: 'histogram'
      readonly name: string
      readonly help: string
      readonly read: () => readonly { readonly labels: Labels; readonly histogram: Histogram }[]
    }

/** Where the figures come from. */
export interface Sources {
  readonly telemetry: Telemetry
  readonly supervisor: Supervisor
  readonly streams: { readonly count: number }
  readonly streamsMax: number
  readonly eventLoop: EventLoop
  readonly health: Health
  readonly isReady: () => boolean
}

const LEVEL_VALUES = { ok: 0, warning: 1, critical: 2 } as const

/** Every figure of this server. */
export function catalog(sources: Sources): readonly Metric[] {
  return [
    ...requestMetrics(sources),
    ...sessionMetrics(sources),
    ...streamMetrics(sources),
    ...processMetrics(sources),
  ]
}

function requestMetrics({ telemetry }: Sources): Metric[] {
  return [
    {
      type: 'counter',
      name: 'magnapp_http_requests_total',
      help: 'Requests that are over, by route and status; a stream when it closes',
      read: () =>
        [...telemetry.requests].flatMap(([route, { byStatus }]) =>
          [...byStatus].map(([status, value]) => ({ labels: { route, status: String(status) }, value })),
        ),
    },
    {
      type: 'histogram',
      name: 'magnapp_http_request_duration_seconds',
      help: 'Duration of requests, by route; without streams and long polls, which wait by design',
      read: () =>
        [...telemetry.requests].flatMap(([route, { durations }]) =>
          durations === null ? [] : [{ labels: { route }, histogram: durations }],
        ),
    },
    counter(
      'magnapp_commands_total',
      'Commands to sessions, timers’ own included',
      'outcome',
      () => telemetry.commands,
    ),
  ]
}

function sessionMetrics({ telemetry, supervisor }: Sources): Metric[] {
  return [
    gauge('magnapp_sessions_max', 'Sessions there may be', () => supervisor.capacity.max),
    {
      type: 'gauge',
      name: 'magnapp_sessions',
      help: 'Sessions, by status',
      read: () => sessionsByStatus(supervisor),
    },
    {
      type: 'gauge',
      name: 'magnapp_participants',
      help: 'Participants of all sessions, by whether they are online',
      read: () => participantsByPresence(supervisor),
    },
    total('magnapp_sessions_created_total', 'Sessions created', () => telemetry.sessionsCreated),
    counter(
      'magnapp_sessions_ended_total',
      'Sessions ended, by reason',
      'reason',
      () => telemetry.sessionsEnded,
    ),
    total(
      'magnapp_actor_failures_total',
      'Steps of a session actor that failed',
      () => telemetry.actorFailures,
    ),
    total(
      'magnapp_actor_restarts_total',
      'Session actors restarted from their last good state',
      () => telemetry.actorRestarts,
    ),
    total('magnapp_events_published_total', 'Events of all sessions', () => telemetry.eventsPublished),
    total(
      'magnapp_events_delivered_total',
      'Events written, once for each reader',
      () => telemetry.eventsDelivered,
    ),
    {
      type: 'histogram',
      name: 'magnapp_broadcast_latency_seconds',
      help: 'From a command accepted until its events are written to the last reader that takes them at once',
      read: () => [{ labels: {}, histogram: telemetry.broadcast }],
    },
  ]
}

function streamMetrics({ telemetry, streams, streamsMax }: Sources): Metric[] {
  return [
    gauge('magnapp_streams', 'Open streams', () => streams.count),
    gauge('magnapp_streams_max', 'Streams that may be open', () => streamsMax),
    counter(
      'magnapp_streams_opened_total',
      'Streams opened: with the whole state (fresh), with exactly what was missed (replay), or with the whole state because the log had moved on (full_sync)',
      'start',
      () => telemetry.streamsOpened,
    ),
    counter(
      'magnapp_streams_closed_total',
      'Streams closed, by reason',
      'reason',
      () => telemetry.streamsClosed,
    ),
    counter(
      'magnapp_streams_turned_away_total',
      'Streams that could not be opened: no place (full), a server about to end (draining), too many from one address (rate_limited)',
      'reason',
      () => telemetry.streamsTurnedAway,
    ),
    counter(
      'magnapp_resyncs_total',
      'Whole states sent to open streams, by reason',
      'reason',
      () => telemetry.resyncs,
    ),
    counter(
      'magnapp_reconnects_total',
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
      name: 'magnapp_info',
      help: 'What runs here',
      read: () => [{ labels: { version: VERSION, node: process.version }, value: 1 }],
    },
    gauge(
      'magnapp_ready',
      'Whether the server takes requests: not while it drains or just after a stall',
      () => Number(isReady()),
    ),
    {
      type: 'gauge',
      name: 'magnapp_event_loop_delay_seconds',
      help: 'How late the event loop was in the last health interval',
      read: () => Object.entries(delay()).map(([statistic, value]) => ({ labels: { statistic }, value })),
    },
    total(
      'magnapp_event_loop_stalls_total',
      'Times that the event loop stood still for a second or longer',
      () => eventLoop.stalls,
    ),
    {
      type: 'gauge',
      name: 'magnapp_health_check',
      help: 'Health checks: 0 ok, 1 warning, 2 critical',
      read: () => CHECKS.map((check) => ({ labels: { check }, value: LEVEL_VALUES[health.levels[check]] })),
    },
    gauge(
      'magnapp_memory_usage_ratio',
      'Memory used, of the limit that holds for this process',
      () => health.known?.values.memory_usage ?? null,
    ),
    gauge(
      'magnapp_cpu_usage_ratio',
      'CPU time used, of what this process may use',
      () => health.known?.cpuUsage ?? null,
    ),
  ]
}

/** Figures by one label. */
function counter(
  name: string,
  help: string,
  label: string,
  read: () => Readonly<Record<string, number>>,
): Metric {
  return {
    type: 'counter',
    name,
    help,
    read: () => Object.entries(read()).map(([key, value]) => ({ labels: { [label]: key }, value })),
  }
}

function total(name: string, help: string, read: () => number): Metric {
  return { type: 'counter', name, help, read: () => [{ labels: {}, value: read() }] }
}

/** A figure that is not known yet is left out. */
function gauge(name: string, help: string, read: () => number | null): Metric {
  return {
    type: 'gauge',
    name,
    help,
    read: () => {
      const value = read()
      return value === null ? [] : [{ labels: {}, value }]
    },
  }
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

function participantsByPresence(supervisor: Supervisor): Sample[] {
  let [online, offline] = [0, 0]
  for (const { snapshot } of supervisor.sessions()) {
    for (const { isOnline } of snapshot.context.participants) {
      if (isOnline) online += 1
      else offline += 1
    }
  }
  return [
    { labels: { online: 'true' }, value: online },
    { labels: { online: 'false' }, value: offline },
  ]
}
