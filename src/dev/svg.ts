import elk from 'elkjs/lib/elk.bundled.js'
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import type { AnyStateMachine } from 'xstate'
import { type DrawnNode, elkGraph, LINE_HEIGHT, TITLE_HEIGHT, title } from './elk-graph.js'

const MARGIN = 10

/** A state that is lit has the class `active`; the drawing itself has none. */
const STYLE = `
text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: #1b1f24 }
.title { font-weight: bold }
.reaction, .label { fill: #57606a }
.box { fill: #ffffff; stroke: #57606a; rx: 6 }
.composite > .box { fill: #f6f8fa }
.region > .box { stroke-dasharray: 4 3 }
.final > .box { stroke-width: 3 }
.history > .box { rx: 14 }
.active > .box { fill: #dafbe1; stroke: #1a7f37; stroke-width: 2 }
.edge { fill: none; stroke: #57606a }
.behind { fill: #ffffff; opacity: 0.85 }
.arrowhead, .initial { fill: #57606a }`

interface Place {
  readonly x: number
  readonly y: number
}

/**
 * A machine as an SVG drawing: the same bytes for the same machine, every time. Each state is a
 * `<g data-state-id="…">` with XState's id, so that a page can light the active ones.
 */
export async function svg(machine: AnyStateMachine): Promise<string> {
  const { graph, drawn } = elkGraph(machine)
  const layout = await new elk.default().layout(graph)
  const places = new Map<string, Place>()
  const boxes = drawNode(layout, { x: MARGIN, y: MARGIN }, drawn, places)
  const edges = (layout.edges ?? []).flatMap((edge) => drawEdge(edge, places))
  const width = Math.ceil((layout.width ?? 0) + 2 * MARGIN)
  const height = Math.ceil((layout.height ?? 0) + 2 * MARGIN)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>The ${escaped(machine.id)} statechart</title>`,
    `<style>${STYLE}\n</style>`,
    '<defs><marker id="arrowhead" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="arrowhead" d="M0 0 8 4 0 8z"/></marker></defs>',
    ...boxes,
    ...edges,
    '</svg>',
    '',
  ].join('\n')
}

function drawNode(
  node: ElkNode,
  origin: Place,
  drawn: ReadonlyMap<string, DrawnNode>,
  places: Map<string, Place>,
): string[] {
  const at = { x: origin.x + (node.x ?? 0), y: origin.y + (node.y ?? 0) }
  places.set(node.id, at)
  const { state, reactions } = drawn.get(node.id) ?? { state: null, reactions: [] }
  const [width, height] = [node.width ?? 0, node.height ?? 0]
  if (state === null)
    return [
      `<circle class="initial" cx="${round(at.x + width / 2)}" cy="${round(at.y + height / 2)}" r="5"/>`,
    ]
  const kind = state.children.length > 0 ? 'composite' : state.type
  const lines = reactions.map(
    (text, index) =>
      `<text class="reaction" x="${round(at.x + 12)}" y="${round(at.y + TITLE_HEIGHT + 8 + index * LINE_HEIGHT)}">${escaped(text)}</text>`,
  )
  return [
    `<g class="state ${kind}" data-state-id="${escaped(state.id)}">`,
    `<rect class="box" x="${round(at.x)}" y="${round(at.y)}" width="${round(width)}" height="${round(height)}"/>`,
    `<text class="title" x="${round(at.x + 12)}" y="${round(at.y + 17)}">${escaped(title(state))}</text>`,
    ...lines,
    '</g>',
    ...(node.children ?? []).flatMap((child) => drawNode(child, at, drawn, places)),
  ]
}

/** The layout gives an edge's points relative to the node that contains it. */
function drawEdge(edge: ElkExtendedEdge, places: ReadonlyMap<string, Place>): string[] {
  const origin = places.get(edge.container ?? '') ?? { x: MARGIN, y: MARGIN }
  const paths = (edge.sections ?? []).map(({ startPoint, bendPoints = [], endPoint }) => {
    const points = [startPoint, ...bendPoints, endPoint]
    const path = points.map(
      ({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${round(origin.x + x)} ${round(origin.y + y)}`,
    )
    return `<path class="edge" marker-end="url(#arrowhead)" d="${path.join(' ')}"/>`
  })
  const labels = (edge.labels ?? []).flatMap(({ text = '', x = 0, y = 0, width = 0, height = 0 }) => [
    `<rect class="behind" x="${round(origin.x + x)}" y="${round(origin.y + y)}" width="${round(width)}" height="${round(height)}"/>`,
    ...text
      .split('\n')
      .map(
        (line, index) =>
          `<text class="label" x="${round(origin.x + x)}" y="${round(origin.y + y + 11 + index * LINE_HEIGHT)}">${escaped(line)}</text>`,
      ),
  ])
  return [...paths, ...labels]
}

function round(length: number): string {
  return String(Math.round(length * 10) / 10)
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
