import type { AnyStateNode, StateValue } from 'xstate'
import type { EpochMs } from '../ids.js'
import type { SessionCommandOf } from './commands.js'
import type { SessionContext } from './context.js'
import { DEADLINES, type DeadlineName } from './deadlines.js'
import type { SessionSnapshot } from './machine.js'

/** A delayed transition pending in one of the active states. */
export interface Timer {
  readonly name: DeadlineName
  /** XState's id of the state that it is pending in. */
  readonly stateId: string
  readonly dueAt: EpochMs
  /** The event that fires it, to be sent when it is due. */
  readonly event: { readonly type: string }
}

/**
 * The timers of a session, inner states first. XState's own timers are not used: they do not survive a
 * restart, and their events are not part of the log. Whoever holds the actor fires what is due, in the order
 * of {@link nextTimer}, and then sends `tick`.
 */
export function timersOf(snapshot: Charted): readonly Timer[] {
  const none: readonly Timer[] = []
  return foldTimers(snapshot, none, (timers, waiting, dueAt) => [...timers, timer(waiting, dueAt)])
}

/** Clocks that differ by no more than this agree, in milliseconds: a tick may take that long to arrive. */
const AGREE_MS = 2_000

/**
 * The time up to which a tick fires timers. The log's clock may be set ahead by an hour, or be another machine's
 * after a failover: nothing ends early unless the sender's own clock agrees.
 */
export function firedUntil({ at, upTo = at }: Pick<SessionCommandOf<'tick'>, 'at' | 'upTo'>): EpochMs {
  return at - upTo > AGREE_MS ? upTo : at
}

/**
 * The timer that is due first; if several are due at the same time, the innermost state's, and among those
 * the first in document order.
 */
export function nextTimer(snapshot: Charted): Timer | null {
  return foldTimers(snapshot, null, earlier)
}

function earlier(best: Timer | null, waiting: Waiting, dueAt: EpochMs): Timer | null {
  return best !== null && best.dueAt <= dueAt ? best : timer(waiting, dueAt)
}

function timer({ name, stateId, event }: Waiting, dueAt: EpochMs): Timer {
  return { name, stateId, event, dueAt }
}

type Charted = Pick<SessionSnapshot, 'machine' | 'value' | 'context' | 'status'>
type Waiting = Omit<Timer, 'dueAt'>
type Take<Found> = (found: Found, waiting: Waiting, dueAt: EpochMs) => Found

/** Called after every step, so it builds no list of pending timers: that was 3 % of a vote. */
function foldTimers<Found>(
  { machine, value, context, status }: Charted,
  found: Found,
  take: Take<Found>,
): Found {
  return status === 'active' ? foldBelow(machine.root, value, context, found, take) : found
}

/** Inner states before outer ones, as XState prefers their transitions. */
function foldBelow<Found>(
  node: AnyStateNode | undefined,
  value: StateValue,
  context: SessionContext,
  before: Found,
  take: Take<Found>,
): Found {
  if (node === undefined) return before
  let found = before
  if (typeof value === 'string') found = foldBelow(node.states[value], NOTHING_BELOW, context, found, take)
  else
    for (const key in value)
      found = foldBelow(node.states[key], value[key] ?? NOTHING_BELOW, context, found, take)
  for (const waiting of delayedOf(node)) {
    const dueAt = DEADLINES[waiting.name](context)
    if (dueAt !== null) found = take(found, waiting, dueAt)
  }
  return found
}

const NOTHING_BELOW: StateValue = {}

const known = new WeakMap<AnyStateNode, readonly Waiting[]>()

/** A delay may have several transitions with different guards, but only one event. */
function delayedOf(node: AnyStateNode): readonly Waiting[] {
  const before = known.get(node)
  if (before !== undefined) return before
  const byType = new Map<string, Waiting>()
  for (const { delay, eventType } of node.after) {
    if (!isDeadline(delay)) throw new Error(`the chart waits for ${String(delay)}, which is no deadline`)
    byType.set(eventType, { name: delay, stateId: node.id, event: { type: eventType } })
  }
  const delayed = [...byType.values()]
  known.set(node, delayed)
  return delayed
}

function isDeadline(delay: unknown): delay is DeadlineName {
  return typeof delay === 'string' && Object.hasOwn(DEADLINES, delay)
}
