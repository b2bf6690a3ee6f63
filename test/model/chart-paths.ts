import type { AnyStateMachine } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import type { SessionCommand } from '../../machines/session/commands.js'
import { participantOf, type SessionContext, type SessionSettings } from '../../machines/session/context.js'
import { type SessionSnapshot, sessionMachine, statusOf } from '../../machines/session/machine.js'
import { mobileProfile } from '../../machines/session/mobile.js'
import { refusal } from '../../machines/session/policy.js'
import { ADA, BOB, CYD, ROUND, SESSION, type Untimed } from '../support/chart.js'

/** How long each kind of step takes, in milliseconds; the server's debounce and sweep are set to the same. */
export const STEP_MS = { command: 1_000, drop: 2_000, sweep: 20_000 } as const

/** Enough for all that two people can bring a session to. */
const VISITS_MAX = 50_000

/** A delayed transition, whose delay is over. */
export type TimerEvent = { readonly type: `xstate.after.${string}` }

/** What happens in a step: a command (whoever walks the path gives it its time), or a timer that is due. */
export type PathEvent = SessionCommand | TimerEvent

export function isTimer(event: PathEvent): event is TimerEvent {
  return event.type.startsWith('xstate.after.')
}

/** The shortest way from a new session to a state of the chart, and one event more. */
export interface ChartPath {
  readonly events: readonly PathEvent[]
  /** Before the last event. */
  readonly before: SessionSnapshot
  readonly last: PathEvent
}

/** Every command that one of three people could give, sensible or not. */
export function commandsOf({ scrumMasterId, participants }: SessionContext): Untimed[] {
  const other = participants.find(({ id }) => id !== scrumMasterId)?.id ?? scrumMasterId
  const everybody = participants.map(({ id }) => id)
  return [
    ...[BOB, CYD]
      .filter((id) => !everybody.includes(id))
      .slice(0, 1)
      .map((userId) => ({ type: 'participant.join', userId, name: userId, avatar: 'owl' }) as const),
    ...everybody.map((by) => ({ type: 'participant.leave', by }) as const),
    ...everybody
      .filter((id) => id !== scrumMasterId)
      .flatMap((id) => [
        { type: 'participant.kick', by: scrumMasterId, userId: id } as const,
        { type: 'leadership.transfer', by: scrumMasterId, to: id } as const,
      ]),
    ...everybody.map((by) => ({ type: 'participant.reconnect', by, strategy: 'full_sync' }) as const),
    { type: 'round.start', by: scrumMasterId, roundId: ROUND },
    { type: 'vote.cast', by: other, value: '5' },
    { type: 'round.reveal', by: scrumMasterId },
    { type: 'session.pause', by: scrumMasterId },
    { type: 'session.resume', by: scrumMasterId },
    { type: 'session.extend', by: other },
    { type: 'session.end', by: scrumMasterId },
    { type: 'mobile.optimize', by: other, profile: mobileProfile(other, CONDITIONS, 30) },
  ]
}

const CONDITIONS = { batteryPercent: 25, networkType: null }

/** Paths to every state within reach, each followed by every event that can happen there, shortest first. */
export function chartPaths(settings: SessionSettings): ChartPath[] {
  const chart: AnyStateMachine = sessionMachine
  const paths = getShortestPaths(chart, {
    input: { id: SESSION, name: 'Sprint', creator: { id: ADA, name: 'ada', avatar: 'fox' }, at: 0, settings },
    events: (snapshot) => [...eventsAt(snapshot)],
    serializeState: (snapshot) => outline(snapshot),
    stopWhen: (snapshot) => isFarEnough(snapshot),
    limit: VISITS_MAX,
  })
  return paths
    .flatMap(({ state, steps }) => {
      const events = steps.slice(1).map(({ event }) => event)
      return eventsAt(state).map((last) => ({ before: state, last, events: [...events, last] }))
    })
    .sort((one, other) => one.events.length - other.events.length)
}

/** The delayed transition that is due next. */
export function nextTimer(snapshot: SessionSnapshot): (TimerEvent & { readonly at: number }) | null {
  const { delays } = sessionMachine.implementations
  const { context } = snapshot
  const due = snapshot._nodes
    .flatMap((node) => node.after)
    .map(({ delay, eventType }) => {
      const left = Object.entries(delays).find(([name]) => name === delay)?.[1]
      if (typeof left !== 'function') throw new Error(`there is no delay ${String(delay)}`)
      return {
        type: timerType(eventType),
        at: context.now + Number(Reflect.apply(left, undefined, [{ context }])),
      }
    })
    .sort((one, other) => one.at - other.at)
  return due[0] ?? null
}

function timerType(eventType: string): TimerEvent['type'] {
  const name = /^xstate\.after\.(.*)/.exec(eventType)?.[1]
  return `xstate.after.${name}`
}

/** What can happen next, as far as it comes before the next timer. */
function eventsAt(snapshot: SessionSnapshot): PathEvent[] {
  if (snapshot.status === 'done') return []
  const { context } = snapshot
  const timer = nextTimer(snapshot)
  const commands = commandsOf(context).map((command) => ({ ...command, at: context.now + STEP_MS.command }))
  const drops = context.participants.map(({ id, isOnline }) =>
    isOnline
      ? ({ type: 'presence.lost', userId: id, at: context.now + STEP_MS.drop } as const)
      : ({ type: 'presence.restored', userId: id, at: context.now + STEP_MS.command } as const),
  )
  const sweepAt = (Math.floor(context.now / STEP_MS.sweep) + 1) * STEP_MS.sweep
  const possible: SessionCommand[] = [
    ...commands,
    ...drops,
    { type: 'timers.rearm', at: sweepAt },
    { type: 'session.terminate', reason: 'deserted', at: context.now },
  ]
  const position = { status: statusOf(snapshot), context }
  return [
    ...possible.filter(
      (command) =>
        command.at < (timer?.at ?? Number.POSITIVE_INFINITY) && refusal(position, command) === null,
    ),
    ...(timer === null ? [] : [{ type: timer.type }]),
  ]
}

/** What decides what can happen next; times, votes and ids are left out. */
function outline(snapshot: SessionSnapshot): string {
  const { value, historyValue, context } = snapshot
  const { participants, scrumMasterId, partition } = context
  const isInRound = JSON.stringify(value).includes('"round"')
  return JSON.stringify([
    value,
    isInRound ? null : Object.entries(historyValue).map(([id, nodes]) => [id, nodes?.at(-1)?.id]),
    participants.map(({ id, isOnline }) => [id, isOnline]),
    scrumMasterId,
    partition !== null,
    nextTimer(snapshot)?.type,
    // Idle and active alike would be followed from every status; from one is enough.
    snapshot.hasTag('waiting') && context.idleDeadline > context.idleArmedFor,
  ])
}

/** Where a path ends, for what is possible after it has been seen elsewhere. */
function isFarEnough(snapshot: SessionSnapshot): boolean {
  const { context } = snapshot
  const { idleMs, idleWarningMs } = context.settings
  const isIdle =
    idleWarningMs < idleMs &&
    context.participants.length > 1 &&
    snapshot.matches({ active: { idle: 'expiring', phase: 'led' } }) &&
    !snapshot.hasTag('waiting')
  return isIdle || participantOf(context, CYD) !== undefined || context.mobile.length > 0
}
