import { type ActorRefFrom, assign, enqueueActions, setup } from 'xstate'
import type { EpochMs, SessionId } from '../ids.js'
import { type AdmissionLimits, admission, type SessionCensus } from './admission.js'

/** A session whose actor failed more often than this within {@link RESTART_WINDOW_MS} is given up. */
export const RESTARTS_MAX = 3
export const RESTART_WINDOW_MS = 60_000

/** `session_capacity_warning` goes out when so few places, or fewer, are left. */
const FREE_PLACES_WARNED = 1

export type SupervisorInput = AdmissionLimits

export interface SupervisorContext extends SupervisorInput {
  readonly sessions: readonly SessionId[]
  readonly restarts: readonly { readonly id: SessionId; readonly at: EpochMs }[]
}

export type SupervisorCommand =
  /** A new session asks for a place; `census` describes those that are there. */
  | {
      readonly type: 'session.admit'
      readonly id: SessionId
      readonly at: EpochMs
      readonly census: readonly SessionCensus[]
    }
  /** A session has ended. */
  | { readonly type: 'session.retire'; readonly id: SessionId }
  /** A session's actor threw, or its state is broken. */
  | { readonly type: 'session.failed'; readonly id: SessionId; readonly at: EpochMs }
  | { readonly type: 'server.drain' }
  | { readonly type: 'server.stop' }

/** What the supervisor asks of the runtime. */
export type SupervisorEmitted =
  /** This session is deserted and its place was given away. */
  | { readonly type: 'session_evicted'; readonly id: SessionId }
  | { readonly type: 'capacity_warning'; readonly active: number; readonly max: number }
  | { readonly type: 'restart_due'; readonly id: SessionId }
  /** Too many restarts: the session must end. */
  | { readonly type: 'restart_refused'; readonly id: SessionId }

/**
 * The supervisor of all sessions: owns the cap, admission, capacity warnings and restarts. It holds ids only; {@link SupervisorEmitted} is what it has the runtime do.
 */
export const supervisorMachine = setup({
  types: {
    context: {} as SupervisorContext,
    events: {} as SupervisorCommand,
    emitted: {} as SupervisorEmitted,
    input: {} as SupervisorInput,
  },
  guards: {
    isAdmitted: ({ context, event }) =>
      event.type === 'session.admit' && 'evicted' in admission(context, event.census, event.at),
    isFull: ({ context }) => context.sessions.length >= context.sessionsMax,
    hasPlace: ({ context }) => context.sessions.length < context.sessionsMax,
  },
  actions: {
    admit: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'session.admit') return
      const verdict = admission(context, event.census, event.at)
      if (!('evicted' in verdict)) return
      const { evicted } = verdict
      const sessions = [...context.sessions.filter((id) => id !== evicted), event.id]
      enqueue.assign({ sessions })
      if (evicted !== null) return enqueue.emit({ type: 'session_evicted', id: evicted })
      if (context.sessionsMax - sessions.length <= FREE_PLACES_WARNED) {
        enqueue.emit({ type: 'capacity_warning', active: sessions.length, max: context.sessionsMax })
      }
    }),
    retire: assign(({ context, event }) =>
      event.type === 'session.retire' ? forget(context, event.id) : context,
    ),
    judgeRestart: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'session.failed') return
      const { id, at } = event
      const recent = context.restarts.filter((restart) => at - restart.at < RESTART_WINDOW_MS)
      const isTooOften = recent.filter((restart) => restart.id === id).length >= RESTARTS_MAX
      enqueue.assign({ restarts: isTooOften ? recent : [...recent, { id, at }] })
      enqueue.emit({ type: isTooOften ? 'restart_refused' : 'restart_due', id })
    }),
  },
}).createMachine({
  id: 'supervisor',
  context: ({ input }) => ({ ...input, sessions: [], restarts: [] }),
  initial: 'running',
  states: {
    running: {
      initial: 'accepting',
      on: {
        'session.retire': { actions: 'retire' },
        'session.failed': { actions: 'judgeRestart' },
        'server.stop': 'stopped',
      },
      states: {
        accepting: {
          always: { guard: 'isFull', target: 'full' },
          on: { 'session.admit': { guard: 'isAdmitted', actions: 'admit' }, 'server.drain': 'draining' },
        },
        full: {
          always: { guard: 'hasPlace', target: 'accepting' },
          on: { 'session.admit': { guard: 'isAdmitted', actions: 'admit' }, 'server.drain': 'draining' },
        },
        draining: {},
      },
    },
    stopped: { type: 'final' },
  },
})

export type SupervisorActor = ActorRefFrom<typeof supervisorMachine>

function forget(context: SupervisorContext, id: SessionId): SupervisorContext {
  return {
    ...context,
    sessions: context.sessions.filter((other) => other !== id),
    restarts: context.restarts.filter((restart) => restart.id !== id),
  }
}
