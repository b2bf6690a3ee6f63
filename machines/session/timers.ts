import type { AnyStateNode, StateValue } from 'xstate'
import type { EpochMs } from '../ids.js'
import { DEADLINES, type DeadlineName } from './deadlines.js'
import type { SessionSnapshot } from './machine.js'

/** A delayed transition that waits in one of the active states. */
export interface Timer {
  readonly name: DeadlineName
  /** XState's id of the state that waits. */
  readonly stateId: string
  readonly dueAt: EpochMs
  /** The event that fires it: send it when the time has come. */
  readonly event: { readonly type: string }
}

/**
 * The timers of a session, in the order of the chart. XState's own are not used: they do not survive a
 * restart, and what they fire is not part of the log. Whoever holds the actor fires what is due, in the
 * order of {@link nextTimer}, and then says `tick`.
 */
export function timersOf(
  snapshot: Pick<SessionSnapshot, 'machine' | 'value' | 'context' | 'status'>,
): Timer[] {
  if (snapshot.status !== 'active') return []
  return waitingIn(snapshot.machine.root, snapshot.value).flatMap(({ name, stateId, event }) => {
    const dueAt = DEADLINES[name](snapshot.context)
    return dueAt === null ? [] : [{ name, stateId, event, dueAt }]
  })
}

/** The timer that is due first, of several at one time the one that stands first in the chart. */
export function nextTimer(snapshot: Parameters<typeof timersOf>[0]): Timer | null {
  let next: Timer | null = null
  for (const timer of timersOf(snapshot)) if (next === null || timer.dueAt < next.dueAt) next = timer
  return next
}

type Waiting = Omit<Timer, 'dueAt'>

/** The delayed transitions of the active states, outer ones first. */
function waitingIn(node: AnyStateNode, value: StateValue): Waiting[] {
  const active = typeof value === 'string' ? [[value, {}] as const] : Object.entries(value)
  const below = active.flatMap(([key, inner]) => {
    const child = node.states[key]
    return child === undefined || inner === undefined ? [] : waitingIn(child, inner)
  })
  return [...delayedOf(node), ...below]
}

const known = new WeakMap<AnyStateNode, readonly Waiting[]>()

/** A delay's transitions may be several, told apart by guards; their event is one. */
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
