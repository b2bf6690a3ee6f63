import type { EndReason } from '../../machines/session/events.js'
import type { SyncStrategy } from '../../machines/session/sync-strategy.js'
import { Histogram } from './histogram.js'

/** Why a stream is over; `client`: its client went, or its connection broke. */
export type StreamEnd =
  | 'client'
  | 'session_ended'
  | 'participant_left'
  | 'lease_lapsed'
  | 'replaced'
  | 'stalled'
  | 'shutdown'

/** How a stream begins: with the whole state, with what was missed, or with the whole state since that is gone. */
export type StreamStart = 'fresh' | 'replay' | 'full_sync'

/** Why an open stream got the whole state. */
export type ResyncReason = 'log_moved_on' | 'network_partition' | 'session_restarted'

/** Requests of one route. */
export interface RouteFigures {
  /** By status; `aborted` when the client went before the answer. */
  readonly byStatus: Map<number | 'aborted', number>
  /** In seconds; `null` for a route that waits by design. */
  readonly durations: Histogram | null
}

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const BROADCAST_SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/**
 * What happened since the process began: plain numbers, incremented where it happens, read by
 * whoever wants to know. Nothing here names a session or a person.
 */
export class Telemetry {
  /** Milliseconds that only ever rise, whatever is done to the machine's date. */
  readonly now: () => number
  readonly commands = { done: 0, refused: 0, failed: 0 }
  sessionsCreated = 0
  readonly sessionsEnded: Record<EndReason, number> = {
    timeout: 0,
    ended: 0,
    empty: 0,
    deserted: 0,
    life_over: 0,
    failed: 0,
  }
  actorFailures = 0
  actorRestarts = 0
  /** Readers that threw and were cut. */
  readersFailed = 0
  eventsPublished = 0
  /** An event counts once for each reader that it was written to. */
  eventsDelivered = 0
  readonly streamsOpened: Record<StreamStart, number> = { fresh: 0, replay: 0, full_sync: 0 }
  readonly streamsClosed: Record<StreamEnd, number> = {
    client: 0,
    session_ended: 0,
    participant_left: 0,
    lease_lapsed: 0,
    replaced: 0,
    stalled: 0,
    shutdown: 0,
  }
  readonly streamsTurnedAway = { full: 0, draining: 0, rate_limited: 0 }
  readonly resyncs: Record<ResyncReason, number> = {
    log_moved_on: 0,
    network_partition: 0,
    session_restarted: 0,
  }
  readonly reconnects: Record<SyncStrategy, number> = { no_sync_needed: 0, delta_sync: 0, full_sync: 0 }
  /** From a command's acceptance until its events are written to the last reader, in seconds. */
  readonly broadcast = new Histogram(BROADCAST_SECONDS)
  readonly #requests = new Map<string, RouteFigures>()

  /** @param now - see {@link Telemetry.now} */
  constructor(now: () => number = () => performance.now()) {
    this.now = now
  }

  /** By the route's name; `none`: requests that no route takes. */
  get requests(): ReadonlyMap<string, RouteFigures> {
    return this.#requests
  }

  /**
   * Counts a request that is over.
   * @param durationMs - `null`: it waited by design, and its time says nothing
   */
  requestEnded(route: string, status: number | 'aborted', durationMs: number | null): void {
    let figures = this.#requests.get(route)
    if (figures === undefined) {
      const durations = durationMs === null ? null : new Histogram(REQUEST_SECONDS)
      figures = { byStatus: new Map(), durations }
      this.#requests.set(route, figures)
    }
    figures.byStatus.set(status, (figures.byStatus.get(status) ?? 0) + 1)
    if (durationMs !== null) figures.durations?.observe(durationMs / 1_000)
  }
}
