import { type ActorRefFrom, type SnapshotFrom, setup } from 'xstate'
import { onCommand, onContext } from './actions.js'
import * as backlog from './backlog.js'
import type { SessionCommand } from './commands.js'
import { createContext, type SessionContext, type SessionInput } from './context.js'
import { delayUntil } from './deadlines.js'
import { changeRefusal } from './estimation-policy.js'
import * as leadership from './leadership.js'
import * as lifecycle from './lifecycle.js'
import { giveUpPartition } from './partition.js'
import { rightsRefusal } from './policy.js'
import * as presence from './presence.js'
import { accept, observe, skipVersions } from './record.js'
import * as roster from './roster.js'
import { releaseTimers } from './round-timers.js'
import * as rounds from './rounds.js'
import * as seats from './seats.js'
import { SESSION_STATUSES, type SessionStatus } from './status.js'
import { isAnyoneOnline, isEverybodyIn, isLeaderMissed } from './succession.js'

const chart = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionCommand,
    input: {} as SessionInput,
    tags: {} as SessionStatus,
  },
  guards: {
    permitted: ({ context, event }) => rightsRefusal(context, event) === null,
    isLastToLeave: ({ context, event }) =>
      event.type === 'participant.leave' &&
      context.participants.length === 1 &&
      context.participants[0]?.id === event.by,
    isLeaderMissed: ({ context }) => isLeaderMissed(context),
    isLeaderNotMissed: ({ context }) => !isLeaderMissed(context),
    isAnyoneOnline: ({ context }) => isAnyoneOnline(context),
    isEverybodyIn: ({ context }) => isEverybodyIn(context),
    revealsItself: ({ context }) => context.rules.revealsItself,
    mayChangeVote: ({ context, event }) =>
      event.type === 'vote.cast' &&
      rightsRefusal(context, event) === null &&
      changeRefusal(context, event.by) === null,
    isRevealInstant: ({ context }) => context.settings.revealMs === 0,
    isHeirBack: ({ context }) => leadership.returnedHeir(context) !== undefined,
  },
  delays: {
    roundDeadline: delayUntil('roundDeadline'),
    revealDeadline: delayUntil('revealDeadline'),
    graceWarning: delayUntil('graceWarning'),
    graceDeadline: delayUntil('graceDeadline'),
    idleWarning: delayUntil('idleWarning'),
    idleDeadline: delayUntil('idleDeadline'),
    lifeWarning: delayUntil('lifeWarning'),
    lifeDeadline: delayUntil('lifeDeadline'),
    presenceDeadline: delayUntil('presenceDeadline'),
    partitionDeadline: delayUntil('partitionDeadline'),
  },
  actions: {
    join: onCommand('participant.join', roster.join),
    leave: onCommand('participant.leave', roster.leave),
    kick: onCommand('participant.kick', roster.kick),
    reconnect: onCommand('participant.reconnect', roster.reconnect),
    reportStreams: onCommand('presence.streams', presence.reportStreams),
    loseNode: onCommand('node.lost', presence.loseNode),
    skipVersions: onCommand('log.forked', (context, { at, version }) =>
      skipVersions(observe(context, at), version),
    ),
    see: onCommand('presence.seen', presence.see),
    takeLease: onCommand('presence.heartbeat', presence.takeLease),
    lapse: onContext(presence.lapse),
    giveUpPartition: onContext(giveUpPartition),
    transfer: onCommand('leadership.transfer', leadership.transfer),
    startGrace: onContext(leadership.startGrace),
    endGrace: onContext(leadership.endGrace),
    warnOfGraceEnd: onContext(leadership.warnOfGraceEnd),
    passLeadership: onContext(leadership.passLeadership),
    abandon: onContext(leadership.abandon),
    takeUp: onContext(leadership.takeUp),
    startRound: onCommand('round.start', rounds.startRound),
    castVote: onCommand('vote.cast', rounds.castVote),
    withdrawVote: onCommand('vote.withdraw', rounds.withdrawVote),
    changeVote: onCommand('vote.cast', rounds.changeVote),
    revealAsCommanded: onCommand('round.reveal', (context, { at }) =>
      rounds.revealVotes(accept(context, at)),
    ),
    revealVotes: onContext(rounds.revealVotes),
    endRoundTimer: onContext(rounds.endRoundTimer),
    extendRound: onCommand('round.extend', rounds.extendRound),
    acceptEstimate: onCommand('round.accept', rounds.acceptEstimate),
    changeSettings: onCommand('settings.change', seats.changeSettings),
    changeRole: onCommand('role.change', seats.changeRole),
    offerSeat: onCommand('seat.offer', seats.offerSeat),
    takeSeat: onCommand('seat.take', seats.takeSeat),
    nudge: onCommand('participant.nudge', seats.nudge),
    addStories: onCommand('stories.add', backlog.addStories),
    changeStory: onCommand('stories.patch', backlog.changeStory),
    removeStory: onCommand('stories.remove', backlog.removeStory),
    reorderStories: onCommand('stories.order', backlog.reorderStories),
    reachRevealDeadline: onContext(rounds.reachRevealDeadline),
    completeRound: onContext(rounds.completeRound),
    releaseTimers: onContext(releaseTimers),
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
    warnOfExpiry: onContext(lifecycle.warnOfExpiry),
    expire: onContext(lifecycle.expire),
    warnOfLifeEnd: onContext(lifecycle.warnOfLifeEnd),
    endLife: onContext(lifecycle.endLife),
    tellTime: onCommand('tick', (context, { at }) => observe(context, at)),
  },
})

/**
 * The statechart of one planning-poker session (contract section 3).
 *
 * Transitions that can happen whatever the table is doing belong to `active`: inactivity, lifetime, presence.
 * None of them needs its own state, since the delays are derived from the absolute {@link DEADLINES}; what
 * was already done or announced is data and no longer due. Whoever holds the actor fires what is due (see
 * `timersOf`). `abandoned` is the contract's `paused` with nobody there to resume it.
 */
export const sessionMachine = chart.createMachine({
  id: 'session',
  context: ({ input }) => createContext(input),
  initial: 'active',
  states: {
    active: {
      initial: 'led',
      on: {
        'participant.leave': [
          { guard: 'isLastToLeave', target: 'ended', actions: 'endAsEmpty' },
          { guard: 'permitted', actions: 'leave' },
        ],
        'participant.join': { guard: 'permitted', actions: 'join' },
        'participant.kick': { guard: 'permitted', actions: 'kick' },
        'participant.reconnect': { guard: 'permitted', actions: 'reconnect' },
        'leadership.transfer': { guard: 'permitted', actions: 'transfer' },
        'presence.streams': { guard: 'permitted', actions: 'reportStreams' },
        'node.lost': { guard: 'permitted', actions: 'loseNode' },
        'log.forked': { guard: 'permitted', actions: 'skipVersions' },
        'presence.seen': { guard: 'permitted', actions: 'see' },
        'presence.heartbeat': { guard: 'permitted', actions: 'takeLease' },
        'session.extend': { guard: 'permitted', actions: 'extend' },
        'settings.change': { guard: 'permitted', actions: 'changeSettings' },
        'role.change': { guard: 'permitted', actions: 'changeRole' },
        'stories.add': { guard: 'permitted', actions: 'addStories' },
        'stories.patch': { guard: 'permitted', actions: 'changeStory' },
        'stories.remove': { guard: 'permitted', actions: 'removeStory' },
        'stories.order': { guard: 'permitted', actions: 'reorderStories' },
        'seat.offer': { guard: 'permitted', actions: 'offerSeat' },
        'seat.take': { guard: 'permitted', actions: 'takeSeat' },
        'mobile.optimize': { guard: 'permitted', actions: 'optimizeMobile' },
        'session.end': { guard: 'permitted', target: 'ended', actions: 'endAsCommanded' },
        'session.terminate': { guard: 'permitted', target: 'ended', actions: 'terminate' },
        tick: { actions: 'tellTime' },
      },
      after: {
        idleDeadline: { target: 'ended', actions: 'expire' },
        idleWarning: { actions: 'warnOfExpiry' },
        lifeDeadline: { target: 'ended', actions: 'endLife' },
        lifeWarning: { actions: 'warnOfLifeEnd' },
        presenceDeadline: { actions: 'lapse' },
        partitionDeadline: { actions: 'giveUpPartition' },
      },
      states: {
        led: {
          initial: 'round',
          always: { guard: 'isLeaderMissed', target: 'grace_period', actions: 'startGrace' },
          states: {
            round: {
              initial: 'waiting',
              entry: 'releaseTimers',
              on: { 'session.pause': { guard: 'permitted', target: 'paused', actions: 'pause' } },
              states: {
                waiting: {
                  tags: 'waiting',
                  on: { 'round.start': { guard: 'permitted', target: 'voting', actions: 'startRound' } },
                },
                voting: {
                  tags: 'voting',
                  always: { guard: 'isEverybodyIn', target: 'revealing', actions: 'revealVotes' },
                  after: {
                    roundDeadline: [
                      {
                        guard: 'revealsItself',
                        target: 'revealing',
                        actions: ['endRoundTimer', 'revealVotes'],
                      },
                      { actions: 'endRoundTimer' },
                    ],
                  },
                  on: {
                    'vote.cast': { guard: 'permitted', actions: 'castVote' },
                    'vote.withdraw': { guard: 'permitted', actions: 'withdrawVote' },
                    'round.reveal': {
                      guard: 'permitted',
                      target: 'revealing',
                      actions: 'revealAsCommanded',
                    },
                    'round.extend': { guard: 'permitted', actions: 'extendRound' },
                    'participant.nudge': { guard: 'permitted', actions: 'nudge' },
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
                  on: { 'round.start': { guard: 'permitted', target: 'voting', actions: 'startRound' } },
                },
                results: {
                  tags: 'results',
                  on: {
                    'vote.cast': { guard: 'mayChangeVote', actions: 'changeVote' },
                    'round.accept': { guard: 'permitted', actions: 'acceptEstimate' },
                    'round.start': { guard: 'permitted', target: 'voting', actions: 'startRound' },
                  },
                },
                recent: { type: 'history', history: 'shallow' },
              },
            },
            paused: {
              tags: 'paused',
              on: {
                'session.resume': { guard: 'permitted', target: 'round.recent', actions: 'resume' },
              },
            },
            recent: { type: 'history', history: 'deep' },
          },
        },
        grace_period: {
          tags: 'grace_period',
          always: { guard: 'isLeaderNotMissed', target: 'led.recent', actions: 'endGrace' },
          after: {
            graceDeadline: [
              { guard: 'isAnyoneOnline', target: 'led.recent', actions: 'passLeadership' },
              { target: 'abandoned', actions: 'abandon' },
            ],
            graceWarning: { actions: 'warnOfGraceEnd' },
          },
        },
        abandoned: {
          tags: 'paused',
          always: { guard: 'isHeirBack', target: 'led.recent', actions: 'takeUp' },
        },
      },
    },
    ended: { type: 'final', tags: 'ended' },
  },
})

export type SessionMachine = typeof sessionMachine
export type SessionActor = ActorRefFrom<SessionMachine>
export type SessionSnapshot = SnapshotFrom<SessionMachine>

/** The status of a snapshot, under its name on the wire. */
export function statusOf(snapshot: Pick<SessionSnapshot, 'tags'>): SessionStatus {
  const status = SESSION_STATUSES.find((name) => snapshot.tags.has(name))
  if (status === undefined) throw new Error('the session rests in a state without a status')
  return status
}
