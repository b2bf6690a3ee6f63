import type { AnyStateMachine } from 'xstate'
import { type ChartEdge, type ChartState, chartEdges, chartStates, idsBelow } from './statechart.js'
import { triggerWords } from './words.js'

/** Which part of a chart to draw, and how much of it. */
export interface MermaidOptions {
  /** The id of the state whose inside is drawn; default: the whole machine. */
  readonly root?: string
  /** Only transitions to other states, without guards and actions. */
  readonly isOverview?: boolean
}

/**
 * A machine as a Mermaid state diagram. All states come first, as a tree, then all transitions: an edge
 * inside a state would move its ends there. Mermaid has no history states, so one is drawn as a state named H
 * or H*.
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
    ...reactions(top, edges.filter(stays)).map((line) => `  ${line}`),
    ...merged(
      edges.filter((edge) => !stays(edge)).map((edge) => [arrow(edge, top), label(edge, isOverview)]),
    ).map((line) => `  ${line}`),
    '',
  ].join('\n')
}

/** Whether a transition ends in its own source state, or inside it. */
function stays({ source, target }: ChartEdge): boolean {
  return target === null || target === source || target.startsWith(`${source}.`)
}

/**
 * Transitions that do not leave their state are lines in its box, or a note next to it if it has states
 * inside. As self-transitions, Mermaid would draw their texts over others.
 */
function reactions(state: ChartState, edges: readonly ChartEdge[]): string[] {
  const lines = edges.filter(({ source }) => source === state.id).map(reaction)
  const below = state.children.flatMap((child) => reactions(child, edges))
  if (lines.length === 0) return below
  if (state.children.length === 0) return [...lines.map((line) => `${alias(state.id)} : ${line}`), ...below]
  return [`note left of ${alias(state.id)}`, ...lines.map((line) => `  ${line}`), 'end note', ...below]
}

function inside(state: ChartState): string[] {
  return [
    ...(state.initial === null ? [] : [`[*] --> ${alias(state.initial)}`]),
    ...state.children.flatMap(block),
    ...state.children.filter((child) => child.type === 'final').map((child) => `${alias(child.id)} --> [*]`),
  ]
}

function block(state: ChartState): string[] {
  const title = state.type !== 'history' ? state.key : state.isDeepHistory ? 'H*' : 'H'
  const name = `state "${title}" as ${alias(state.id)}`
  if (state.children.length === 0) return [name]
  return [`${name} {`, ...inside(state).map((line) => `  ${line}`), '}']
}

function reaction(edge: ChartEdge): string {
  const { source, target } = edge
  const isInward = target !== null && target !== source
  return isInward ? `${label(edge, false)} → ${target.slice(source.length + 1)}` : label(edge, false)
}

/**
 * Between two compound states, Mermaid hides the arrow behind its text; an arrow to the initial state is
 * visible and means the same.
 */
function arrow({ source, target }: ChartEdge, top: ChartState): string {
  const to = target === null ? undefined : find(top, target)
  const isBetweenGroups = to !== undefined && (find(top, source)?.children.length ?? 0) > 0
  return `${alias(source)} --> ${alias((isBetweenGroups ? to.initial : null) ?? target ?? source)}`
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

function alias(id: string): string {
  return id.replaceAll(/\W/g, '_')
}
