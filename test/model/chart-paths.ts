import type { AnyStateMachine } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import type { NodeId, UserId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import { participantOf, type SessionContext, type SessionSettings } from '../../machines/session/context.js'
import { type SessionSnapshot, sessionMachine, statusOf } from '../../machines/session/machine.js'
import { mobileProfile } from '../../machines/session/mobile.js'
import { refusal } from '../../machines/session/policy.js'
import type { SessionRules } from '../../machines/session/rules.js'
import { SEMANTICS } from '../../machines/session/semantics.js'
import { nextTimer } from '../../machines/session/timers.js'
import { ADA, BOB, CYD, NODE, ROUND, SESSION, TOKEN_DIGEST, type Untimed } from '../support/chart.js'
import { estimationCommands, hasEstimated } from './estimation-requests.js'

/** How long a step waits before its command, in milliseconds. */
export const STEP_MS = 1_000

/** A node without streams. */
const OTHER_NODE = 'other node' as NodeId

/** 2.5 times the default heartbeat interval. */
const LEASE_MS = 75_000

/** Enough for every state that two people can bring a session to. */
const VISITS_MAX = 50_000

/** A delayed transition whose delay is over. */
export type TimerEvent = { readonly type: `xstate.after.${string}` }

/** What happens in a step: a command (whoever walks the path gives it its time), or a timer that is due. */
export type PathEvent = SessionCommand | TimerEvent

export function isTimer(event: PathEvent): event is TimerEvent {
  return event.type.startsWith('xstate.after.')
}

/** The shortest way from a new session to a state of the chart, plus one event. */
export interface ChartPath {
  readonly events: readonly PathEvent[]
  /** Before the last event. */
  readonly before: SessionSnapshot
  readonly last: PathEvent
}

/**
 * Every command that one of three people could give, sensible or not. Over HTTP, a command from somebody
 * away is preceded by their sign of life, so only those present give commands.
 */
export function commandsOf(context: SessionContext): Untimed[] {
  const { scrumMasterId, participants } = context
  const present = participants.filter(({ isOnline }) => isOnline).map(({ id }) => id)
  const other = participants.find(({ id }) => id !== scrumMasterId)?.id ?? scrumMasterId
  const everybody = participants.map(({ id }) => id)
  return [
    ...[
      ...commandsOfAll(scrumMasterId, other, everybody),
      ...estimationCommands(context, { scrumMasterId, other }),
    ].filter((command) => !('by' in command) || present.includes(command.by)),
    ...everybody.map((by) => ({ type: 'participant.reconnect', by, known: null }) as const),
  ]
}

function commandsOfAll(scrumMasterId: UserId, other: UserId, everybody: readonly UserId[]): Untimed[] {
  return [
    ...[BOB, CYD]
      .filter((id) => !everybody.includes(id))
      .slice(0, 1)
      .map(
        (userId) =>
          ({
            type: 'participant.join',
            userId,
            name: userId,
            avatar: 'owl',
            tokenDigest: TOKEN_DIGEST,
          }) as const,
      ),
    ...everybody.map((by) => ({ type: 'participant.leave', by }) as const),
    ...everybody
      .filter((id) => id !== scrumMasterId)
      .flatMap((id) => [
        { type: 'participant.kick', by: scrumMasterId, userId: id } as const,
        { type: 'leadership.transfer', by: scrumMasterId, to: id } as const,
      ]),
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

/** Paths to every reachable state, each followed by every event that can happen there, shortest first. */
export function chartPaths(settings: SessionSettings, rules: Partial<SessionRules>): ChartPath[] {
  const chart: AnyStateMachine = sessionMachine
  const paths = getShortestPaths(chart, {
    input: {
      id: SESSION,
      name: 'Sprint',
      creator: { id: ADA, name: 'ada', avatar: 'fox' },
      tokenDigest: TOKEN_DIGEST,
      at: 0,
      settings,
      rules,
      semantics: SEMANTICS.max,
    },
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

/** What can happen before the next timer, and that timer. */
function eventsAt(snapshot: SessionSnapshot): PathEvent[] {
  if (snapshot.status === 'done') return []
  const { context } = snapshot
  const timer = nextTimer(snapshot)
  const at = context.now + STEP_MS
  const commands = commandsOf(context).map((command) => ({ ...command, at }))
  const streams = context.participants.map(({ id: userId, streams: { length } }) => {
    return { type: 'presence.streams', userId, node: NODE, open: 1 - length, at } as const
  })
  const possible: SessionCommand[] = [
    ...commands,
    ...streams,
    ...context.participants.flatMap(({ id: userId, isOnline }): SessionCommand[] =>
      isOnline
        ? [{ type: 'presence.heartbeat', userId, leaseMs: LEASE_MS, at }]
        : [{ type: 'presence.seen', userId, at }],
    ),
    { type: 'node.lost', node: OTHER_NODE, at },
    { type: 'log.forked', version: context.version, at },
    { type: 'session.terminate', reason: 'deserted', at: context.now },
  ]
  const position = { status: statusOf(snapshot), context }
  return [
    ...possible.filter(
      (command) =>
        command.at < (timer?.dueAt ?? Number.POSITIVE_INFINITY) && refusal(position, command) === null,
    ),
    ...(timer === null ? [] : [{ type: timerType(timer.event.type) }]),
  ]
}

function timerType(eventType: string): TimerEvent['type'] {
  const name = /^xstate\.after\.(.*)/.exec(eventType)?.[1]
  return `xstate.after.${name}`
}

/** What determines the possible next events; times, votes and ids are left out. */
function outline(snapshot: SessionSnapshot): string {
  const { value, historyValue, context } = snapshot
  const { participants, scrumMasterId, partition, round } = context
  const isInRound = JSON.stringify(value).includes('"round"')
  return JSON.stringify([
    value,
    isInRound ? null : Object.entries(historyValue).map(([id, nodes]) => [id, nodes?.at(-1)?.id]),
    participants.map(({ id, isOnline, streams, leaseUntil }) => [
      id,
      isOnline,
      streams.length,
      leaseUntil !== null,
    ]),
    scrumMasterId,
    partition !== null,
    ...estimated(context),
    context.isLifeWarned,
    round?.isTimeUp,
    nextTimer(snapshot)?.event.type,
  ])
}

/** Whether somebody has a card on the table, and which parts of the session have changed. */
function estimated(context: SessionContext): boolean[] {
  const { rules, stories, seatCodes, nudges, round } = context
  if (rules.roundMs === null) return []
  const hasObserver = context.participants.some(({ role }) => role === 'observer')
  return [
    rules.isListed,
    hasObserver,
    stories.length > 0,
    seatCodes.length > 0,
    nudges.length > 0,
    (round?.votes.length ?? 0) > 0,
  ]
}

/** Where a path ends, since what can follow is covered elsewhere. */
function isFarEnough(snapshot: SessionSnapshot): boolean {
  const { context } = snapshot
  const { idleMs, idleWarningMs } = context.settings
  const isIdle =
    idleWarningMs < idleMs &&
    context.participants.length > 1 &&
    snapshot.matches({ active: 'led' }) &&
    context.idleWarnedFor === context.idleDeadline &&
    !snapshot.hasTag('waiting')
  const isLeased = context.participants.some(({ leaseUntil }) => leaseUntil !== null)
  return (
    isIdle ||
    isLeased ||
    participantOf(context, CYD) !== undefined ||
    context.mobile.length > 0 ||
    hasEstimated(context)
  )
}
