import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'

/** A state of a chart, for documentation. */
export interface ChartState {
  /** XState's node id: `session.active.led`. */
  readonly id: string
  readonly key: string
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  /** A history state that remembers all levels below, not just one. */
  readonly isDeepHistory: boolean
  /** The id of the state that is entered by default. */
  readonly initial: string | null
  readonly children: readonly ChartState[]
}

/** One way from a state to another, or a reaction that stays (`target` is `null`). */
export interface ChartEdge {
  readonly source: string
  readonly target: string | null
  /** The command, `after <delay>`, or the empty text for an eventless transition. */
  readonly trigger: string
  readonly guard: string | null
  readonly actions: readonly string[]
}

/** The states of a machine, as a tree. */
export function chartStates(machine: AnyStateMachine): ChartState {
  return stateOf(machine.root)
}

/** A state's id and those of all states in it, in document order. */
export function idsBelow(state: ChartState): string[] {
  return [state.id, ...state.children.flatMap(idsBelow)]
}

/** All transitions of a machine, including eventless and delayed ones, in document order. */
export function chartEdges(machine: AnyStateMachine): ChartEdge[] {
  return nodesBelow(machine.root).flatMap((node) =>
    [...(node.always ?? []), ...[...node.transitions.values()].flat()].map(edgeOf),
  )
}

/** One transition of a machine, as in {@link chartEdges}. */
export function edgeOf({ source, target, eventType, guard, actions }: AnyTransitionDefinition): ChartEdge {
  return {
    source: source.id,
    target: target?.[0]?.id ?? null,
    trigger: triggerOf(eventType),
    guard: nameOf(guard),
    actions: actions.map(nameOf).filter((name) => name !== null),
  }
}

function stateOf(node: AnyStateNode): ChartState {
  return {
    id: node.id,
    key: node.key,
    type: node.type,
    isDeepHistory: node.type === 'history' && node.history === 'deep',
    initial: node.type === 'compound' ? (node.initial.target[0]?.id ?? null) : null,
    children: Object.values(node.states).map(stateOf),
  }
}

function nodesBelow(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(nodesBelow)]
}

/** XState calls a delayed transition's event `xstate.after.<delay>.<state>`. */
function triggerOf(eventType: string): string {
  const delay = /^xstate\.after\.([^.]+)\./.exec(eventType)?.[1]
  return delay === undefined ? eventType : `after ${delay}`
}

function nameOf(part: unknown): string | null {
  if (typeof part === 'string') return part
  if (typeof part !== 'object' || part === null || !('type' in part)) return null
  return String(part.type)
}
