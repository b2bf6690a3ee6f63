import elk from 'elkjs/lib/elk.bundled.js'
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import type { AnyStateMachine } from 'xstate'
import { type DrawnNode, elkGraph, LINE_HEIGHT, TITLE_HEIGHT, title } from './elk-graph.js'

const MARGIN = 10

/** A highlighted state has the class `active`; the drawing itself has none. */
const STYLE = `
svg { --ink: #1b1f24; --quiet: #57606a; --line: #8c959f; --state: #ffffff; --group: #f6f8fa; --lit: #dafbe1; --lit-line: #1a7f37; background: var(--group) }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e6edf3; --quiet: #9ea7b3; --line: #6e7681; --state: #21262d; --group: #161b22; --lit: #12361f; --lit-line: #3fb950 }
}
text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: var(--ink) }
.title { font-weight: bold }
.reaction, .label { fill: var(--quiet) }
.box { fill: var(--state); stroke: var(--line); rx: 6px }
.composite > .box { fill: var(--group) }
.final > .box { stroke-width: 3px }
.history > .box { rx: 14px }
.active > .box { fill: var(--lit); stroke: var(--lit-line); stroke-width: 2px }
.composite.active > .box { fill: var(--group) }
.edge { fill: none; stroke: var(--line) }
.behind { fill: var(--group) }
.arrowhead, .initial { fill: var(--quiet) }`

interface Place {
  readonly x: number
  readonly y: number
}

/**
 * A machine as an SVG drawing: always the same bytes for the same machine. Each state is a `<g
 * data-state-id="…">` with XState's id, and each arrow has `data-edge="<source> <target>"`, so that a page
 * can highlight the active ones.
 */
export async function svg(machine: AnyStateMachine): Promise<string> {
  const { graph, drawn, reversed } = elkGraph(machine)
  const layout = await new elk.default().layout(graph)
  const places = new Map<string, Place>()
  const boxes = drawNode(layout, { x: MARGIN, y: MARGIN }, drawn, places)
  const edges = (layout.edges ?? []).flatMap((edge) => drawEdge(edge, reversed.has(edge.id), places))
  const width = Math.ceil((layout.width ?? 0) + 2 * MARGIN)
  const height = Math.ceil((layout.height ?? 0) + 2 * MARGIN)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>The ${escaped(machine.id)} statechart</title>`,
    `<style>${STYLE}\n</style>`,
    '<defs><marker id="arrowhead" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="arrowhead" d="M0 0 8 4 0 8z"/></marker></defs>',
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
function drawEdge(edge: ElkExtendedEdge, isReversed: boolean, places: ReadonlyMap<string, Place>): string[] {
  const name = edge.labels === undefined ? '' : ` data-edge="${escaped(edge.id)}"`
  const origin = places.get(edge.container ?? '') ?? { x: MARGIN, y: MARGIN }
  const paths = (edge.sections ?? []).map(({ startPoint, bendPoints = [], endPoint }) => {
    const laidOut = [startPoint, ...bendPoints, endPoint]
    const points = isReversed ? laidOut.toReversed() : laidOut
    const path = points.map(
      ({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${round(origin.x + x)} ${round(origin.y + y)}`,
    )
    return `<path class="edge"${name} marker-end="url(#arrowhead)" d="${path.join(' ')}"/>`
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
