import { type ActorRefFrom, type SnapshotFrom, setup } from 'xstate'
import { onCommand, onContext } from './actions.js'
import type { SessionCommand } from './commands.js'
import { createContext, type SessionContext, type SessionInput } from './context.js'
import * as leadership from './leadership.js'
import * as lifecycle from './lifecycle.js'
import { refusal } from './policy.js'
import { accept, observe } from './record.js'
import * as roster from './roster.js'
import * as rounds from './rounds.js'
import { SESSION_STATUSES, type SessionStatus } from './status.js'
import { isAnyoneOnline, isLeaderMissed } from './succession.js'

/** The policy as a guard, for a transition that is taken in one status only. */
const permittedWhile = (status: SessionStatus) => ({ type: 'permitted', params: { status } }) as const

/** The policy as a guard, for a transition that is taken whatever the status. */
const PERMITTED = { type: 'permitted', params: { status: 'any' } } as const

const chart = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionCommand,
    input: {} as SessionInput,
    tags: {} as SessionStatus,
  },
  guards: {
    permitted: ({ context, event }, params: { status: SessionStatus | 'any' }) =>
      refusal({ status: params.status, context }, event) === null,
    isLastToLeave: ({ context, event }) =>
      event.type === 'participant.leave' &&
      context.participants.length === 1 &&
      context.participants[0]?.id === event.by,
    isLeaderMissed: ({ context }) => isLeaderMissed(context),
    isLeaderNotMissed: ({ context }) => !isLeaderMissed(context),
    isAnyoneOnline: ({ context }) => isAnyoneOnline(context),
    isRevealInstant: ({ context }) => context.settings.revealMs === 0,
    isGraceWarningOff: ({ context: { settings } }) => settings.graceWarningMs >= settings.graceMs,
    isIdleWarningOff: ({ context: { settings } }) => settings.idleWarningMs >= settings.idleMs,
    wasActive: ({ context }) => context.idleDeadline > context.idleArmedFor,
  },
  delays: {
    revealDeadline: ({ context }) => left(context, context.revealDeadline),
    graceWarning: ({ context }) => left(context, context.grace?.expiresAt, context.settings.graceWarningMs),
    graceDeadline: ({ context }) => left(context, context.grace?.expiresAt),
    idleWarning: ({ context }) => left(context, context.idleArmedFor, context.settings.idleWarningMs),
    idleDeadline: ({ context }) => left(context, context.idleArmedFor),
  },
  actions: {
    join: onCommand('participant.join', roster.join),
    leave: onCommand('participant.leave', roster.leave),
    kick: onCommand('participant.kick', roster.kick),
    reconnect: onCommand('participant.reconnect', roster.reconnect),
    drop: onCommand('presence.lost', roster.drop),
    comeBack: onCommand('presence.restored', roster.comeBack),
    transfer: onCommand('leadership.transfer', leadership.transfer),
    startGrace: onContext(leadership.startGrace),
    endGrace: onContext(leadership.endGrace),
    warnOfGraceEnd: onContext(leadership.warnOfGraceEnd),
    passLeadership: onContext(leadership.passLeadership),
    abandon: onContext(leadership.abandon),
    takeUpOnJoin: onCommand('participant.join', (context, { userId }) => leadership.takeUp(context, userId)),
    takeUpOnReturn: onCommand('presence.restored', (context, { userId }) =>
      leadership.takeUp(context, userId),
    ),
    takeUpOnReconnect: onCommand('participant.reconnect', (context, { by }) =>
      leadership.takeUp(context, by),
    ),
    takeUpOnResume: onCommand('session.resume', (context, { at, by }) =>
      leadership.takeUp(roster.markBack(accept(context, at), by, null), by),
    ),
    startRound: onCommand('round.start', rounds.startRound),
    castVote: onCommand('vote.cast', rounds.castVote),
    revealVotes: onCommand('round.reveal', rounds.revealVotes),
    reachRevealDeadline: onContext(rounds.reachRevealDeadline),
    completeRound: onContext(rounds.completeRound),
    releaseTimers: onContext(rounds.releaseTimers),
    pause: onCommand('session.pause', lifecycle.pause),
    resume: onCommand('session.resume', lifecycle.resume),
    extend: onCommand('session.extend', lifecycle.extend),
    optimizeMobile: onCommand('mobile.optimize', lifecycle.optimizeMobile),
    endAsCommanded: onCommand('session.end', (context, { at }) =>
      lifecycle.end(accept(context, at), 'ended'),
    ),
    endAsEmpty: onCommand('participant.leave', (context, { at }) =>
      lifecycle.end(accept(context, at), 'empty'),
    ),
    terminate: onCommand('session.terminate', (context, { at, reason }) =>
      lifecycle.end(observe(context, at), reason),
    ),
    armIdleTimer: onContext(lifecycle.armIdleTimer),
    reachIdleWarning: onContext(lifecycle.reachIdleWarning),
    warnOfExpiry: onContext(lifecycle.warnOfExpiry),
    expire: onContext(lifecycle.expire),
    tellTime: onCommand('timers.rearm', (context, { at }) => observe(context, at)),
  },
})

/**
 * The statechart of one planning-poker session (contract section 3).
 *
 * `active` is parallel: what the table is doing (`phase`) and how long nobody has acted (`idle`), so
 * that activity moves the deadline without touching the phase. `abandoned` is the contract's
 * `paused` with nobody there to resume it. Delays are what is left of the absolute deadlines in the
 * context. `timers.rearm` sets a running timer anew from them.
 */
export const sessionMachine = chart.createMachine({
  id: 'session',
  context: ({ input }) => createContext(input),
  initial: 'active',
  states: {
    active: {
      type: 'parallel',
      on: {
        'participant.leave': [
          { guard: 'isLastToLeave', target: '#session.ended', actions: 'endAsEmpty' },
          { guard: PERMITTED, actions: 'leave' },
        ],
        'participant.join': { guard: PERMITTED, actions: 'join' },
        'participant.kick': { guard: PERMITTED, actions: 'kick' },
        'participant.reconnect': { guard: PERMITTED, actions: 'reconnect' },
        'leadership.transfer': { guard: PERMITTED, actions: 'transfer' },
        'presence.lost': { guard: PERMITTED, actions: 'drop' },
        'presence.restored': { guard: PERMITTED, actions: 'comeBack' },
        'session.extend': { guard: PERMITTED, actions: 'extend' },
        'mobile.optimize': { guard: PERMITTED, actions: 'optimizeMobile' },
        'session.end': { guard: PERMITTED, target: '#session.ended', actions: 'endAsCommanded' },
        'session.terminate': { target: '#session.ended', actions: 'terminate' },
      },
      states: {
        phase: {
          initial: 'led',
          states: {
            led: {
              initial: 'round',
              always: { guard: 'isLeaderMissed', target: 'grace_period', actions: 'startGrace' },
              states: {
                round: {
                  initial: 'waiting',
                  entry: 'releaseTimers',
                  on: { 'session.pause': { guard: PERMITTED, target: 'paused', actions: 'pause' } },
                  states: {
                    waiting: {
                      tags: 'waiting',
                      on: {
                        'round.start': {
                          guard: permittedWhile('waiting'),
                          target: 'voting',
                          actions: 'startRound',
                        },
                      },
                    },
                    voting: {
                      tags: 'voting',
                      on: {
                        'vote.cast': { guard: permittedWhile('voting'), actions: 'castVote' },
                        'round.reveal': {
                          guard: permittedWhile('voting'),
                          target: 'revealing',
                          actions: 'revealVotes',
                        },
                      },
                    },
                    revealing: {
                      tags: 'revealing',
                      always: { guard: 'isRevealInstant', target: 'results', actions: 'completeRound' },
                      after: {
                        revealDeadline: {
                          target: 'results',
                          actions: ['reachRevealDeadline', 'completeRound'],
                        },
                      },
                      on: {
                        'round.start': {
                          guard: permittedWhile('revealing'),
                          target: 'voting',
                          actions: 'startRound',
                        },
                        'timers.rearm': { target: 'revealing', reenter: true, actions: 'tellTime' },
                      },
                    },
                    results: {
                      tags: 'results',
                      on: {
                        'round.start': {
                          guard: permittedWhile('results'),
                          target: 'voting',
                          actions: 'startRound',
                        },
                      },
                    },
                    recent: { type: 'history', history: 'shallow' },
                  },
                },
                paused: {
                  tags: 'paused',
                  on: {
                    'session.resume': {
                      guard: permittedWhile('paused'),
                      target: 'round.recent',
                      actions: 'resume',
                    },
                  },
                },
                recent: { type: 'history', history: 'deep' },
              },
            },
            grace_period: {
              tags: 'grace_period',
              initial: 'fresh',
              always: { guard: 'isLeaderNotMissed', target: 'led.recent', actions: 'endGrace' },
              states: {
                fresh: {
                  always: { guard: 'isGraceWarningOff', target: 'expiring' },
                  after: { graceWarning: { target: 'expiring', actions: 'warnOfGraceEnd' } },
                  on: { 'timers.rearm': { target: 'fresh', reenter: true, actions: 'tellTime' } },
                },
                expiring: {
                  after: {
                    graceDeadline: [
                      {
                        guard: 'isAnyoneOnline',
                        target: '#session.active.phase.led.recent',
                        actions: 'passLeadership',
                      },
                      { target: '#session.active.phase.abandoned', actions: 'abandon' },
                    ],
                  },
                  on: { 'timers.rearm': { target: 'expiring', reenter: true, actions: 'tellTime' } },
                },
              },
            },
            abandoned: {
              tags: 'paused',
              on: {
                'participant.join': {
                  guard: PERMITTED,
                  target: 'led.recent',
                  actions: ['join', 'takeUpOnJoin'],
                },
                'presence.restored': {
                  guard: PERMITTED,
                  target: 'led.recent',
                  actions: ['comeBack', 'takeUpOnReturn'],
                },
                'participant.reconnect': {
                  guard: PERMITTED,
                  target: 'led.recent',
                  actions: ['reconnect', 'takeUpOnReconnect'],
                },
                'session.resume': {
                  guard: permittedWhile('paused'),
                  target: 'led.round.recent',
                  actions: 'takeUpOnResume',
                },
              },
            },
          },
        },
        idle: {
          initial: 'fresh',
          states: {
            fresh: {
              entry: 'armIdleTimer',
              always: { guard: 'isIdleWarningOff', target: 'expiring' },
              after: {
                idleWarning: [
                  { guard: 'wasActive', target: 'fresh', reenter: true, actions: 'reachIdleWarning' },
                  { target: 'expiring', actions: ['reachIdleWarning', 'warnOfExpiry'] },
                ],
              },
              on: { 'timers.rearm': { target: 'fresh', reenter: true, actions: 'tellTime' } },
            },
            expiring: {
              always: { guard: 'wasActive', target: 'fresh' },
              after: { idleDeadline: { target: '#session.ended', actions: 'expire' } },
              on: { 'timers.rearm': { target: 'expiring', reenter: true, actions: 'tellTime' } },
            },
          },
        },
      },
    },
    ended: { type: 'final', tags: 'ended' },
  },
})

export type SessionMachine = typeof sessionMachine
export type SessionActor = ActorRefFrom<SessionMachine>
export type SessionSnapshot = SnapshotFrom<SessionMachine>

/** The status that a snapshot is in, as the wire names it. */
export function statusOf(snapshot: Pick<SessionSnapshot, 'tags'>): SessionStatus {
  const status = SESSION_STATUSES.find((name) => snapshot.tags.has(name))
  if (status === undefined) throw new Error('the session rests in a state without a status')
  return status
}

/** How long until a deadline, less a head start; 0 when it has passed. */
function left(context: SessionContext, deadline: number | null | undefined, headStartMs = 0): number {
  return Math.max(0, (deadline ?? context.now) - headStartMs - context.now)
}
