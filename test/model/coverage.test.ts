import { type AnyStateMachine, type AnyTransitionDefinition, createActor } from 'xstate'
import type { SessionSettings } from '../../machines/session/context.js'
import { type SessionSnapshot, sessionMachine, statusOf } from '../../machines/session/machine.js'
import { refusal } from '../../machines/session/policy.js'
import type { SessionStatus } from '../../machines/session/status.js'
import { type ChartState, chartEdges, chartStates, edgeOf } from '../../src/dev/statechart.js'
import { ERRORS } from '../../src/wire/errors.js'
import { rulesWish, type SettingsBody } from '../../src/wire/settings.js'
import { MINUTE_MS, SETTINGS } from '../support/chart.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { type ChartPath, chartPaths, commandsOf, type PathEvent } from './chart-paths.js'
import { type SessionStart, type Step, Twin } from './twin.js'

const BEGIN = Date.parse('2026-01-31T09:30:00.000Z')

/** People without a stream count as present for so long that only what the path says happens. */
const SLOW: SessionSettings = {
  ...SETTINGS,
  participantsMax: 3,
  revealMs: MINUTE_MS,
  presenceMs: 24 * 60 * MINUTE_MS,
}
/** Cards turn in no time, and nothing warns. */
const CURT: SessionSettings = {
  ...SLOW,
  revealMs: 0,
  graceWarningMs: SLOW.graceMs,
  idleWarningMs: SLOW.idleMs,
}
/** A life that ends before anything else does. */
const SHORT: SessionSettings = { ...SLOW, participantsMax: 1, lifeMs: 5 * MINUTE_MS }

/** Two people use every way to estimate: first until somebody reveals, then until all have voted. */
const LONG: SessionSettings = { ...SLOW, participantsMax: 2, revealMs: 0 }
const TIMED: SettingsBody = { round_seconds: 60, vote_after_reveal: true }
const AUTO: SettingsBody = { round_seconds: 60, auto_reveal: true }

const ROUND_STATUSES = ['waiting', 'voting', 'revealing', 'results'] as const
const LED_STATUSES = [...ROUND_STATUSES, 'paused'] as const
const OPEN_STATUSES = [...LED_STATUSES, 'grace_period'] as const
const TIMER = (delay: string) => `xstate.after.${delay}`

type Row = readonly [from: SessionStatus, on: string, to: SessionStatus, events: string]

/** The contract's table of section 3, with a row for each status that it names. */
const TABLE: readonly Row[] = [
  ...(['waiting', 'revealing', 'results'] as const).map(
    (from) => [from, 'round.start', 'voting', 'voting_started'] as const,
  ),
  ['voting', 'vote.cast', 'voting', 'vote_submitted'],
  ['voting', 'vote.withdraw', 'voting', 'vote_withdrawn'],
  ['voting', 'vote.cast', 'results', 'vote_submitted, votes_revealed, round_completed'],
  ['voting', TIMER('roundDeadline'), 'voting', 'round_timer_ended'],
  ['voting', TIMER('roundDeadline'), 'results', 'round_timer_ended, votes_revealed, round_completed'],
  ['voting', 'round.extend', 'voting', 'round_extended'],
  ['voting', 'participant.nudge', 'voting', 'user_nudged'],
  ['results', 'vote.cast', 'results', 'vote_changed'],
  ['results', 'round.accept', 'results', 'estimate_accepted'],
  ['waiting', 'stories.add', 'waiting', 'stories_updated'],
  ['waiting', 'settings.change', 'waiting', 'session_updated'],
  ['waiting', 'role.change', 'waiting', 'role_changed'],
  ['voting', 'round.reveal', 'revealing', 'votes_revealed'],
  ['voting', 'round.reveal', 'results', 'votes_revealed, round_completed'],
  ['revealing', TIMER('revealDeadline'), 'results', 'round_completed'],
  ...ROUND_STATUSES.map((from) => [from, 'session.pause', 'paused', 'session_paused'] as const),
  ...ROUND_STATUSES.map((to) => ['paused', 'session.resume', to, 'session_resumed'] as const),
  ...LED_STATUSES.map(
    (from) =>
      [from, TIMER('presenceDeadline'), 'grace_period', 'user_disconnected, grace_period_started'] as const,
  ),
  ...LED_STATUSES.map(
    (from) => [from, 'participant.join', 'grace_period', 'user_joined, grace_period_started'] as const,
  ),
  ...LED_STATUSES.flatMap((to) => [
    ['grace_period', 'presence.streams', to, 'user_joined, grace_period_ended'] as const,
    ['grace_period', 'participant.reconnect', to, 'user_joined, grace_period_ended'] as const,
    ['grace_period', TIMER('graceDeadline'), to, 'scrum_master_changed, grace_period_ended'] as const,
    // Whatever a Scrum Master who was away asks for, the request brings them back first.
    ['grace_period', 'presence.seen', to, 'user_joined, grace_period_ended'] as const,
    [to, 'participant.leave', to, 'user_left, scrum_master_changed'] as const,
  ]),
  ['grace_period', TIMER('graceWarning'), 'grace_period', 'grace_period_warning'],
  ['grace_period', TIMER('graceDeadline'), 'paused', 'grace_period_ended, session_paused'],
  ...LED_STATUSES.map(
    (to) => ['paused', 'presence.streams', to, 'user_joined, scrum_master_changed, session_resumed'] as const,
  ),
  ...LED_STATUSES.map((from) => [from, 'participant.leave', 'ended', 'session_expired'] as const),
  // Turning the cards takes less than the idle time, so nothing times out in between.
  ...OPEN_STATUSES.filter((from) => from !== 'revealing').map(
    (from) => [from, TIMER('idleDeadline'), 'ended', 'session_expired'] as const,
  ),
  ...LED_STATUSES.map((from) => [from, 'session.end', 'ended', 'session_expired'] as const),
  ...OPEN_STATUSES.map((from) => [from, 'session.terminate', 'ended', 'session_expired'] as const),
]

const ROWS: readonly string[] = TABLE.map((row) => row.join(' '))

/** What has been walked of the chart and of the contract's table. */
class Coverage {
  readonly #edges = new Set<string>()
  readonly #states = new Set<string>()
  readonly #rows = new Set<string>()
  readonly #refused = new Set<string>()
  readonly counts = { paths: 0, steps: 0, refusals: 0 }

  /** Whether the last step of a path would show something that has not been walked yet. */
  isNews({ before, last }: ChartPath): boolean {
    const { taken, step } = foreseen(before, last)
    const row = rowKey(step)
    const isNewEdge = [...taken].some((edge) => !this.#edges.has(edgeKey(edge)))
    return isNewEdge || (ROWS.includes(row) && !this.#rows.has(row))
  }

  /** Walks a path on the chart and on the server; at its end, tries everything that is refused there. */
  async walk(twin: Twin, { events }: ChartPath): Promise<void> {
    for (const [index, event] of events.entries()) {
      const step = await twin.step(event, index === events.length - 1)
      this.#rows.add(rowKey(step))
      for (const state of twin.snapshot._nodes) this.#states.add(state.id)
      this.counts.steps += 1
    }
    for (const edge of twin.taken) this.#edges.add(edgeKey(edge))
    this.counts.paths += 1
    await this.#refuse(twin)
  }

  /** What no path has visited, of the chart and of the table. */
  missing() {
    return {
      states: [...statesOf(chartStates(sessionMachine))].filter((id) => !this.#states.has(id)),
      transitions: chartEdges(sessionMachine)
        .map((edge) => JSON.stringify(edge))
        .filter((edge) => !this.#edges.has(edge)),
      rows: ROWS.filter((row) => !this.#rows.has(row)),
    }
  }

  report(): string {
    const { paths, steps, refusals } = this.counts
    const { states, transitions, rows } = this.missing()
    const of = (missing: readonly string[], all: number) => `${all - missing.length} of ${all}`
    return [
      `model coverage: ${paths} paths, ${steps} steps over HTTP, each as in the chart`,
      `  states of the chart       ${of(states, [...statesOf(chartStates(sessionMachine))].length)}`,
      `  transitions of the chart  ${of(transitions, chartEdges(sessionMachine).length)}`,
      `  rows of the contract      ${of(rows, ROWS.length)}`,
      `  refused commands          ${refusals}`,
      '',
    ].join('\n')
  }

  async #refuse(twin: Twin): Promise<void> {
    const { snapshot } = twin
    const place = JSON.stringify(snapshot.value)
    if (this.#refused.has(place)) return
    this.#refused.add(place)
    const position = { status: statusOf(snapshot), context: snapshot.context }
    for (const command of commandsOf(snapshot.context)) {
      const refused = refusal(position, command)
      if (refused === null) continue
      const { status, body } = await twin.refused(command)
      expect([command.type, status, body.error_code]).toEqual([
        command.type,
        ERRORS[refused.code].status,
        refused.code,
      ])
      this.counts.refusals += 1
    }
  }
}

const edgeKey = (edge: AnyTransitionDefinition) => JSON.stringify(edgeOf(edge))

const rowKey = ({ from, on, to, events }: Step) => {
  const trigger = on.replace(/^(xstate\.after\.\w+).*/, '$1')
  return [from, trigger, to, events.join(', ')].join(' ')
}

/** States that a session can be in; history states are none. */
function statesOf({ id, type, children }: ChartState): string[] {
  return type === 'history' ? [] : [id, ...children.flatMap(statesOf)]
}

/** What the chart alone makes of an event. */
function foreseen(before: SessionSnapshot, event: PathEvent) {
  const taken = new Set<AnyTransitionDefinition>()
  const chart: AnyStateMachine = sessionMachine
  const actor = createActor(chart, {
    snapshot: before,
    clock: new SimulatedClock(),
    inspect: (inspected) => {
      if (inspected.type === '@xstate.microstep') for (const edge of inspected._transitions) taken.add(edge)
    },
  })
  actor.start()
  taken.clear()
  actor.send(event)
  const after: SessionSnapshot = actor.getSnapshot()
  const events = after.context.events.filter(({ version }) => version > before.context.version)
  actor.stop()
  const step = {
    from: statusOf(before),
    on: event.type,
    to: statusOf(after),
    events: events.map(({ type }) => type),
  }
  return { taken, step }
}

function startFor(clock: SimulatedClock, settings: SessionSettings): Promise<InProcess> {
  const minutes = (ms: number) => String(ms / MINUTE_MS)
  return startInProcess({
    clock,
    environment: {
      RATE_LIMITING: 'false',
      MAX_SESSIONS: '1',
      MAX_USERS_PER_SESSION: String(settings.participantsMax),
      REVEAL_SECONDS: String(settings.revealMs / 1_000),
      GRACE_PERIOD_MINUTES: minutes(settings.graceMs),
      GRACE_WARNING_MINUTES: minutes(settings.graceWarningMs),
      SESSION_TIMEOUT_MINUTES: minutes(settings.idleMs),
      SESSION_WARNING_MINUTES: minutes(settings.idleWarningMs),
      DISCONNECT_DEBOUNCE_SECONDS: String(settings.debounceMs / 1_000),
      PRESENCE_SECONDS: String(settings.presenceMs / 1_000),
      SESSION_LIFE_HOURS: String((settings.lifeMs ?? 0) / (60 * MINUTE_MS)),
    },
  })
}

test('paths through the chart, walked on the server over HTTP, visit all of it and every row of the contract', async () => {
  const coverage = new Coverage()
  const starts: readonly SessionStart[] = [
    ...[SLOW, CURT, SHORT].map((settings) => ({ settings, wish: {} })),
    ...[TIMED, AUTO].map((wish) => ({ settings: LONG, wish })),
  ]
  for (const start of starts) {
    const { settings, wish } = start
    const clock = new SimulatedClock(BEGIN)
    const server = await startFor(clock, settings)
    for (const path of chartPaths(settings, rulesWish(wish))) {
      if (!coverage.isNews(path)) continue
      const twin = await Twin.create(server, clock, start)
      await coverage.walk(twin, path)
      await twin.close()
    }
    await server.stop()
  }
  process.stdout.write(coverage.report())
  expect(coverage.missing()).toEqual({ states: [], transitions: [], rows: [] })
}, 300_000)
