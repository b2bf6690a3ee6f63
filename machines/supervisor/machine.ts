import { type ActorRefFrom, assign, enqueueActions, setup } from 'xstate'
import type { EpochMs, SessionId } from '../ids.js'
import { type AdmissionLimits, type AdmissionRefusal, admission } from './admission.js'

/** A session whose actor failed more often than this within {@link RESTART_WINDOW_MS} is given up. */
export const RESTARTS_MAX = 3
export const RESTART_WINDOW_MS = 60_000

/** `session_capacity_warning` is sent when this many slots or fewer are left. */
export const FREE_PLACES_WARNED = 1

const DRAINING: AdmissionRefusal = {
  code: 'SERVICE_UNAVAILABLE',
  detail: 'The server is shutting down; try again in a moment.',
  facts: {},
}

export type SupervisorInput = AdmissionLimits

/** The supervisor's latest decision, for the caller to read. */
export type Verdict =
  | { readonly type: 'admitted'; readonly evicted: SessionId | null }
  | { readonly type: 'refused'; readonly refusal: AdmissionRefusal }
  | { readonly type: 'restart'; readonly isDue: boolean }

export interface SupervisorContext extends SupervisorInput {
  /** How many sessions there are. The sessions themselves are listed where they run. */
  readonly active: number
  /** How many of them each address has created. */
  readonly byAddress: Readonly<Record<string, number>>
  readonly restarts: readonly { readonly id: SessionId; readonly at: EpochMs }[]
  readonly verdict: Verdict | null
}

export type SupervisorCommand =
  /** A new session asks for a slot; at the limit, `deserted` is one that can give up its own. */
  | {
      readonly type: 'session.admit'
      readonly address: string
      /** The session in the requested room, if there is one. */
      readonly inRoom: SessionId | null
      /** Sessions beside those that were admitted here, which take places as well; default: none. */
      readonly elsewhere?: number
      readonly deserted: SessionId | null
    }
  /** A session admitted by an earlier process continues: it is counted without a new decision. */
  | { readonly type: 'session.restore'; readonly address: string }
  /** A session that was admitted is over. */
  | { readonly type: 'session.retire'; readonly id: SessionId; readonly address: string }
  /** A session's actor threw, or its state is broken. */
  | { readonly type: 'session.failed'; readonly id: SessionId; readonly at: EpochMs }
  | { readonly type: 'server.drain' }
  | { readonly type: 'server.stop' }

/**
 * The supervisor of all sessions: it decides about the session limit, admission, draining and restarts. Its
 * answer to each question is the {@link Verdict} in its context; nothing else decides.
 */
export const supervisorMachine = setup({
  types: {
    context: {} as SupervisorContext,
    events: {} as SupervisorCommand,
    input: {} as SupervisorInput,
  },
  guards: {
    isFull: ({ context }) => context.active >= context.sessionsMax,
    hasPlace: ({ context }) => context.active < context.sessionsMax,
  },
  actions: {
    judgeAdmission: assign(({ context, event }) =>
      event.type === 'session.admit' ? judged(context, event) : context,
    ),
    refuseAdmission: assign({ verdict: { type: 'refused', refusal: DRAINING } }),
    restore: assign(({ context, event }) =>
      event.type === 'session.restore' ? counted(context, event.address) : context,
    ),
    retire: assign(({ context, event }) =>
      event.type === 'session.retire' ? retired(context, event.id, event.address) : context,
    ),
    judgeRestart: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'session.failed') return
      const { id, at } = event
      const recent = context.restarts.filter((restart) => at - restart.at < RESTART_WINDOW_MS)
      const isDue = recent.filter((restart) => restart.id === id).length < RESTARTS_MAX
      enqueue.assign({
        restarts: isDue ? [...recent, { id, at }] : recent,
        verdict: { type: 'restart', isDue },
      })
    }),
  },
}).createMachine({
  id: 'supervisor',
  context: ({ input }) => ({ ...input, active: 0, byAddress: {}, restarts: [], verdict: null }),
  initial: 'running',
  states: {
    running: {
      initial: 'accepting',
      on: {
        'session.restore': { actions: 'restore' },
        'session.retire': { actions: 'retire' },
        'session.failed': { actions: 'judgeRestart' },
        'server.stop': 'stopped',
      },
      states: {
        accepting: {
          always: { guard: 'isFull', target: 'full' },
          on: { 'session.admit': { actions: 'judgeAdmission' }, 'server.drain': 'draining' },
        },
        full: {
          always: { guard: 'hasPlace', target: 'accepting' },
          on: { 'session.admit': { actions: 'judgeAdmission' }, 'server.drain': 'draining' },
        },
        draining: { on: { 'session.admit': { actions: 'refuseAdmission' } } },
      },
    },
    stopped: { type: 'final' },
  },
})

export type SupervisorActor = ActorRefFrom<typeof supervisorMachine>

type Admission = Extract<SupervisorCommand, { type: 'session.admit' }>

function judged(
  context: SupervisorContext,
  { address, inRoom, elsewhere = 0, deserted }: Admission,
): SupervisorContext {
  const ofAddress = context.byAddress[address] ?? 0
  const active = context.active + elsewhere
  const decision = admission(context, { inRoom, active, ofAddress, deserted })
  if ('code' in decision) return { ...context, verdict: { type: 'refused', refusal: decision } }
  return { ...counted(context, address), verdict: { type: 'admitted', evicted: decision.evicted } }
}

function counted(context: SupervisorContext, address: string): SupervisorContext {
  const { active, byAddress } = context
  return {
    ...context,
    active: active + 1,
    byAddress: { ...byAddress, [address]: (byAddress[address] ?? 0) + 1 },
  }
}

function retired(context: SupervisorContext, id: SessionId, address: string): SupervisorContext {
  const { [address]: ofAddress = 1, ...others } = context.byAddress
  return {
    ...context,
    active: context.active - 1,
    byAddress: ofAddress > 1 ? { ...others, [address]: ofAddress - 1 } : others,
    restarts: context.restarts.filter((restart) => restart.id !== id),
  }
}
