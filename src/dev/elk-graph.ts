import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import type { AnyStateMachine } from 'xstate'
import { type ChartEdge, type ChartState, chartEdges, chartStates, idsBelow } from './statechart.js'
import { edgeLines, edgeWords } from './words.js'

/** The width of a character in the drawing's font; the layout has no browser to ask. */
const CHARACTER_WIDTH = 6.7
export const LINE_HEIGHT = 15
export const TITLE_HEIGHT = 24
const PADDING = 12
const DOT_SIZE = 10

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.randomSeed': '1',
  'elk.spacing.nodeNode': '40',
  'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  'elk.spacing.edgeLabel': '6',
  'elk.edgeLabels.inline': 'true',
}

/** The state behind a node of the layout. */
export interface DrawnNode {
  readonly state: ChartState | null
  /** Transitions that do not leave the state: lines in the box, not arrows. */
  readonly reactions: readonly string[]
}

/** A machine as a graph for the layout, and the states behind its nodes. */
export interface ElkGraph {
  readonly graph: ElkNode
  readonly drawn: ReadonlyMap<string, DrawnNode>
  /** Arrows that were given to the layout in reverse: their points run from target to source. */
  readonly reversed: ReadonlySet<string>
}

/** Prepares the layout: sizes every box by its text and lists the connections. */
export function elkGraph(machine: AnyStateMachine): ElkGraph {
  const top = chartStates(machine)
  const edges = chartEdges(machine)
  const isArrow = ({ source, target }: ChartEdge) => target !== null && target !== source
  const drawn = new Map<string, DrawnNode>()
  const node = elkNode(
    top,
    edges.filter((edge) => !isArrow(edge)),
    drawn,
  )
  const reversed = new Set<string>()
  return {
    graph: {
      ...node,
      layoutOptions: { ...OPTIONS, ...node.layoutOptions },
      edges: [...arrows(edges.filter(isArrow), orderOf(top), reversed), ...initialArrows(top)],
    },
    drawn,
    reversed,
  }
}

function elkNode(state: ChartState, reactions: readonly ChartEdge[], drawn: Map<string, DrawnNode>): ElkNode {
  const own = reactions.filter(({ source }) => source === state.id).map(reactionWords)
  drawn.set(state.id, { state, reactions: own })
  const children = state.children.map((child) => elkNode(child, reactions, drawn))
  const textHeight = TITLE_HEIGHT + own.length * LINE_HEIGHT
  const width = Math.max(...[title(state), ...own].map((line) => line.length * CHARACTER_WIDTH)) + 2 * PADDING
  if (children.length === 0) return { id: state.id, width, height: textHeight + PADDING / 2 }
  if (state.initial !== null) {
    const dot = initialId(state)
    drawn.set(dot, { state: null, reactions: [] })
    children.unshift({
      id: dot,
      width: DOT_SIZE,
      height: DOT_SIZE,
      layoutOptions: { 'elk.layered.layering.layerConstraint': 'FIRST' },
    })
  }
  return {
    id: state.id,
    children,
    layoutOptions: {
      'elk.padding': `[top=${textHeight + PADDING},left=${PADDING},bottom=${PADDING},right=${PADDING}]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width},${textHeight + 2 * PADDING})`,
      'elk.alignment': 'TOP',
    },
  }
}

/**
 * Arrows between the same two states are merged, with the text of each. An arrow back to a state that comes
 * earlier in the chart is laid out in reverse, so that the drawing reads in the chart's order.
 */
function arrows(
  edges: readonly ChartEdge[],
  order: ReadonlyMap<string, number>,
  reversed: Set<string>,
): ElkExtendedEdge[] {
  const between = new Map<string, ChartEdge[]>()
  for (const edge of edges) {
    const key = `${edge.source} ${edge.target}`
    between.set(key, [...(between.get(key) ?? []), edge])
  }
  return [...between].map(([key, same]) => {
    const [source = '', target = ''] = key.split(' ')
    const isBack = (order.get(target) ?? 0) < (order.get(source) ?? 0)
    if (isBack) reversed.add(key)
    const lines = same.flatMap(edgeLines)
    const width = Math.max(...lines.map((line) => line.length)) * CHARACTER_WIDTH
    const label = { text: lines.join('\n'), width, height: lines.length * LINE_HEIGHT }
    return {
      id: key,
      sources: [isBack ? target : source],
      targets: [isBack ? source : target],
      labels: [label],
    }
  })
}

/** Each state's position in the chart, counted from the top. */
function orderOf(top: ChartState): ReadonlyMap<string, number> {
  return new Map(idsBelow(top).map((id, index) => [id, index]))
}

function initialArrows(state: ChartState): ElkExtendedEdge[] {
  const below = state.children.flatMap(initialArrows)
  if (state.initial === null) return below
  return [{ id: `${state.id} initial`, sources: [initialId(state)], targets: [state.initial] }, ...below]
}

function initialId(state: ChartState): string {
  return `${state.id}:initial`
}

/** The name in the box. */
export function title(state: ChartState): string {
  if (state.type === 'history') return state.isDeepHistory ? 'H*' : 'H'
  return state.key
}

function reactionWords(edge: ChartEdge): string {
  const leaves = edge.target !== null && edge.target !== edge.source
  return leaves ? `${edgeWords(edge)} → ${edge.target?.split('.').slice(1).join('.')}` : edgeWords(edge)
}
