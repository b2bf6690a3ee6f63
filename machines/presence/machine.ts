import { type ActorRefFrom, assign, emit, type SnapshotFrom, setup } from 'xstate'

export interface PresenceInput {
  /** A participant whose streams are all closed is lost after this long; a page refresh is shorter. */
  readonly debounceMs: number
  /** Open streams of the participant, over all tabs and devices. */
  readonly streams: number
}

export interface PresenceContext extends PresenceInput {
  /** How long the newest heartbeat is good for. */
  readonly leaseMs: number
}

export type PresenceCommand =
  | { readonly type: 'stream.opened' }
  | { readonly type: 'stream.closed' }
  /** The participant called the heartbeat endpoint and will again within the lease. */
  | { readonly type: 'heartbeat'; readonly leaseMs: number }
  /** The participant asked to be taken back without opening a stream. */
  | { readonly type: 'reconnect' }

/** What the session, or whoever holds the streams, is told. */
export type PresenceEmitted =
  | { readonly type: 'lost' }
  | { readonly type: 'restored' }
  /** The lease ran out: whatever stream is still open is to be ended. */
  | { readonly type: 'lapsed' }

/**
 * Whether one participant is there, judged by their streams (contract sections 4 and 6). It belongs
 * to the process that holds the streams; the session learns of it from {@link PresenceEmitted}.
 *
 * Who had no stream yet is online. A lease that runs out beats any socket: a half-open connection
 * looks healthy for minutes. What is still open is then ended, so that a client that is alive after
 * all comes back by itself.
 */
export const presenceMachine = setup({
  types: {
    context: {} as PresenceContext,
    events: {} as PresenceCommand,
    emitted: {} as PresenceEmitted,
    input: {} as PresenceInput,
  },
  guards: {
    isOnlyStream: ({ context }) => context.streams === 1,
    hasStreams: ({ context }) => context.streams > 0,
  },
  delays: {
    debounce: ({ context }) => context.debounceMs,
    lease: ({ context }) => context.leaseMs,
  },
  actions: {
    countOpened: assign({ streams: ({ context }) => context.streams + 1 }),
    countClosed: assign({ streams: ({ context }) => Math.max(0, context.streams - 1) }),
    takeLease: assign({
      leaseMs: ({ context, event }) => (event.type === 'heartbeat' ? event.leaseMs : context.leaseMs),
    }),
    reportLost: emit({ type: 'lost' }),
    reportRestored: emit({ type: 'restored' }),
    reportLapsed: emit({ type: 'lapsed' }),
  },
}).createMachine({
  id: 'presence',
  context: ({ input }) => ({ ...input, leaseMs: 0 }),
  initial: 'online',
  states: {
    online: {
      type: 'parallel',
      states: {
        streams: {
          initial: 'none',
          states: {
            none: {
              always: { guard: 'hasStreams', target: 'open' },
              on: { 'stream.opened': { target: 'open', actions: 'countOpened' } },
            },
            open: {
              on: {
                'stream.opened': { actions: 'countOpened' },
                'stream.closed': [
                  { guard: 'isOnlyStream', target: 'closing', actions: 'countClosed' },
                  { actions: 'countClosed' },
                ],
              },
            },
            closing: {
              after: { debounce: { target: '#presence.offline', actions: 'reportLost' } },
              on: { 'stream.opened': { target: 'open', actions: 'countOpened' }, reconnect: 'none' },
            },
          },
        },
        lease: {
          initial: 'none',
          // In this region alone: a disconnect that is being waited for goes on.
          on: { heartbeat: { target: '.running', actions: 'takeLease' } },
          states: {
            none: {},
            running: {
              after: { lease: { target: '#presence.lapsed', actions: ['reportLost', 'reportLapsed'] } },
            },
          },
        },
      },
    },
    offline: {
      on: {
        'stream.opened': { target: 'online', actions: ['countOpened', 'reportRestored'] },
        reconnect: 'online',
      },
    },
    lapsed: {
      on: {
        'stream.opened': { target: 'online', actions: ['countOpened', 'reportRestored'] },
        'stream.closed': [
          { guard: 'isOnlyStream', target: 'offline', actions: 'countClosed' },
          { actions: 'countClosed' },
        ],
        heartbeat: { target: '#presence.online.lease.running', actions: ['takeLease', 'reportRestored'] },
        reconnect: 'online',
      },
    },
  },
})

export type PresenceActor = ActorRefFrom<typeof presenceMachine>

/** Whether there is nothing to wait for: no debounce, no lease, nobody away. The number of streams is all that matters then. */
export function isAtRest(snapshot: SnapshotFrom<typeof presenceMachine>): boolean {
  return (
    snapshot.matches({ online: { lease: 'none', streams: 'open' } }) ||
    snapshot.matches({ online: { lease: 'none', streams: 'none' } })
  )
}
