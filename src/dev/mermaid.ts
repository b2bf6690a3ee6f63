import type { AnyStateMachine } from 'xstate'
import { type ChartEdge, type ChartState, chartEdges, chartStates } from './statechart.js'
import { triggerWords } from './words.js'

/** Which part of a chart to draw, and how much of it. */
export interface MermaidOptions {
  /** The id of the state whose inside is drawn; default: the whole machine. */
  readonly root?: string
  /** Transitions that lead to another state only, without guards and actions. */
  readonly isOverview?: boolean
}

/**
 * A machine as a Mermaid state diagram. All states come first, as a tree, and all transitions after
 * them: an edge inside a state would move its ends there. Mermaid has no history state, so one is
 * drawn as a state named H or H*.
 */
export function mermaid(machine: AnyStateMachine, { root, isOverview = false }: MermaidOptions = {}): string {
  const whole = chartStates(machine)
  const top = root === undefined ? whole : find(whole, root)
  if (top === undefined) throw new Error(`${machine.id} has no state ${root}`)
  const drawn = new Set(idsBelow(top))
  const edges = chartEdges(machine)
    .filter(({ source, target }) => drawn.has(source) && (target === null || drawn.has(target)))
    .filter(({ source, target }) => !isOverview || (target !== null && target !== source))
  return [
    'stateDiagram-v2',
    ...inside(top).map((line) => `  ${line}`),
    ...merged(edges.map((edge) => [arrow(edge), label(edge, isOverview)])).map((line) => `  ${line}`),
    '',
  ].join('\n')
}

function inside(state: ChartState): string[] {
  const children = state.children.map(block)
  const isParallel = state.type === 'parallel'
  const lines = children.flatMap((lines, index) => (isParallel && index > 0 ? ['--', ...lines] : lines))
  return [
    ...(state.initial === null ? [] : [`[*] --> ${alias(state.initial)}`]),
    ...lines,
    ...state.children.filter((child) => child.type === 'final').map((child) => `${alias(child.id)} --> [*]`),
  ]
}

function block(state: ChartState): string[] {
  const title = state.type !== 'history' ? state.key : state.isDeepHistory ? 'H*' : 'H'
  const name = `state "${title}" as ${alias(state.id)}`
  if (state.children.length === 0) return [name]
  return [`${name} {`, ...inside(state).map((line) => `  ${line}`), '}']
}

function arrow({ source, target }: ChartEdge): string {
  return `${alias(source)} --> ${alias(target ?? source)}`
}

function label(edge: ChartEdge, isOverview: boolean): string {
  const { guard, actions } = edge
  const trigger = triggerWords(edge)
  const cause = [trigger, guard === null || (isOverview && trigger !== '') ? '' : `if ${guard}`]
    .filter(Boolean)
    .join(' ')
  return isOverview || actions.length === 0 ? cause : `${cause} / ${actions.join(', ')}`
}

/** Edges between the same two states share one arrow. */
function merged(edges: readonly (readonly [string, string])[]): string[] {
  const labels = new Map<string, string[]>()
  for (const [between, text] of edges) labels.set(between, [...(labels.get(between) ?? []), text])
  return [...labels].map(([between, texts]) => `${between} : ${[...new Set(texts)].join('<br/>')}`)
}

function find(state: ChartState, id: string): ChartState | undefined {
  if (state.id === id) return state
  return state.children.map((child) => find(child, id)).find((found) => found !== undefined)
}

function idsBelow(state: ChartState): string[] {
  return [state.id, ...state.children.flatMap(idsBelow)]
}

function alias(id: string): string {
  return id.replaceAll(/\W/g, '_')
}
