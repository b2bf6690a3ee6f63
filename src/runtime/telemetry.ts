import type { EndReason } from '../../machines/session/events.js'
import type { SyncStrategy } from '../../machines/session/sync-strategy.js'
import { Histogram } from './histogram.js'

/** Why a stream ended; `client`: the client left, or its connection broke. */
export type StreamEnd =
  | 'client'
  | 'session_ended'
  | 'participant_left'
  | 'lease_lapsed'
  | 'replaced'
  | 'stalled'
  | 'shutdown'

/** With what a stream starts: the whole state, what was missed, or the whole state because that is gone. */
export type StreamStart = 'fresh' | 'replay' | 'full_sync'

/** Why an open stream got the whole state. */
export type ResyncReason = 'log_forked' | 'log_moved_on' | 'network_partition' | 'session_restarted'

/** Requests to one path of the route table, by one method. */
export interface EndpointFigures {
  readonly endpoint: string
  readonly method: string
  /** By status; `aborted`: the client left before the answer. */
  readonly byStatus: Map<number | 'aborted', number>
  /** Of answers, in seconds; `null` before the first answer, and for an endpoint that waits by design. */
  durations: Histogram | null
}

export type Severity = 'info' | 'warning' | 'error'

/** Errors of one code sent to clients. */
export interface ErrorFigures {
  readonly code: string
  readonly severity: Severity
  count: number
}

/** Optimizations that a phone's streams can get. */
export type OptimizationType =
  | 'event_batching'
  | 'reduced_animations'
  | 'network_adaptive'
  | 'touch_optimized'

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const ROUND_SECONDS = [5, 10, 30, 60, 120, 300, 600, 1_800]
const ROUND_VOTES = [0, 1, 2, 4, 8, 16, 32, 64, 128]
const SESSION_MINUTES = [1, 5, 10, 30, 60, 120, 240, 480, 720]
const BROADCAST_SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export interface TelemetryOptions {
  /** See {@link Telemetry.now}. */
  readonly now?: () => number
  /** Milliseconds since the epoch. */
  readonly date?: () => number
  readonly isCollecting?: boolean
}

/**
 * What has happened since the process started: plain numbers, incremented where things happen and read by
 * whoever wants to know. Nothing here names a session or a person.
 */
export class Telemetry {
  /** A monotonic clock, in milliseconds, unaffected by changes to the machine's date. */
  readonly now: () => number
  /** `false`: histograms, requests and errors are not collected, since nobody can read them. */
  readonly isCollecting: boolean
  /** `repeated`: known to have been carried out already; `unavailable`: not taken by the command log. */
  readonly commands = { done: 0, repeated: 0, refused: 0, failed: 0, unavailable: 0 }
  sessionsCreated = 0
  /** Seats taken, including those of session creators. */
  usersJoined = 0
  /** Rounds whose cards were revealed. */
  votingRounds = 0
  /** From the start of a round to its reveal, in seconds. */
  readonly votingDurations = new Histogram(ROUND_SECONDS)
  readonly votesPerRound = new Histogram(ROUND_VOTES)
  /** In minutes. */
  readonly sessionDurations = new Histogram(SESSION_MINUTES)
  readonly mobileOptimizations: Record<OptimizationType, number> = {
    event_batching: 0,
    reduced_animations: 0,
    network_adaptive: 0,
    touch_optimized: 0,
  }
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
  /** Readers that threw and were dropped. */
  readersFailed = 0
  eventsPublished = 0
  /** An event counts once for each reader it was written to. */
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
  readonly streamsTurnedAway = { full: 0, draining: 0, rate_limited: 0, unavailable: 0 }
  readonly resyncs: Record<ResyncReason, number> = {
    log_forked: 0,
    log_moved_on: 0,
    network_partition: 0,
    session_restarted: 0,
  }
  readonly reconnects: Record<SyncStrategy, number> = { no_sync_needed: 0, delta_sync: 0, full_sync: 0 }
  /** From accepting a command until its events are written to the last reader, in seconds. */
  readonly broadcast = new Histogram(BROADCAST_SECONDS)
  readonly #date: () => number
  readonly #requests = new Map<string, EndpointFigures>()
  readonly #errors = new Map<string, ErrorFigures>()

  constructor({
    now = () => performance.now(),
    date = Date.now,
    isCollecting = true,
  }: TelemetryOptions = {}) {
    this.now = now
    this.#date = date
    this.isCollecting = isCollecting
  }

  /** By endpoint and method; requests that no route matches are counted together. */
  get requests(): readonly EndpointFigures[] {
    return [...this.#requests.values()]
  }

  get errors(): readonly ErrorFigures[] {
    return [...this.#errors.values()]
  }

  /**
   * Counts a finished request.
   * @param target - as in the route table, never as a client wrote it
   * @param durationMs - the server's own time for it; `null`: it waited by design or was never answered, so
   * its time says nothing
   */
  requestEnded(
    { endpoint, method }: Pick<EndpointFigures, 'endpoint' | 'method'>,
    status: number | 'aborted',
    durationMs: number | null,
  ): void {
    if (!this.isCollecting) return
    const key = `${method} ${endpoint}`
    let figures = this.#requests.get(key)
    if (figures === undefined) {
      figures = { endpoint, method, byStatus: new Map(), durations: null }
      this.#requests.set(key, figures)
    }
    figures.byStatus.set(status, (figures.byStatus.get(status) ?? 0) + 1)
    if (durationMs === null) return
    figures.durations ??= new Histogram(REQUEST_SECONDS)
    this.observe(figures.durations, durationMs / 1_000)
  }

  /** Records a value in one of the histograms. */
  observe(histogram: Histogram, value: number): void {
    if (this.isCollecting) histogram.observe(value, this.#date())
  }

  /** Counts an error from the error table that was sent to a client. */
  errorOccurred(code: string, severity: Severity): void {
    if (!this.isCollecting) return
    const known = this.#errors.get(code)
    if (known === undefined) this.#errors.set(code, { code, severity, count: 1 })
    else known.count += 1
  }
}
