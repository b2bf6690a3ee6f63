import { type ActorView, activeIds } from './actors.js'

const drawings = new Map<string, Promise<SVGSVGElement | null>>()
/** The actor to be shown: a drawing that arrives after another was chosen is dropped. */
let wanted: ActorView | null = null

/** Shows an actor's chart with its active states and latest transitions highlighted. */
export async function showChart(place: HTMLElement, actor: ActorView): Promise<void> {
  wanted = actor
  const drawing = await drawingOf(actor.chart)
  if (wanted !== actor) return
  if (drawing === null) {
    place.textContent = 'There is no drawing of this chart: npm run diagrams writes it.'
    return
  }
  if (place.firstElementChild !== drawing) place.replaceChildren(drawing)
  const active = new Set(
    actor.snapshot.status === 'stopped' ? [] : activeIds(actor.chart, actor.snapshot.value),
  )
  const taken = new Set(actor.taken.flatMap(({ source, targets }) => targets.map((to) => `${source} ${to}`)))
  for (const state of drawing.querySelectorAll('[data-state-id]')) {
    state.classList.toggle('active', active.has(state.getAttribute('data-state-id') ?? ''))
  }
  for (const edge of drawing.querySelectorAll('[data-edge]')) {
    edge.classList.toggle('taken', taken.has(edge.getAttribute('data-edge') ?? ''))
  }
}

function drawingOf(chart: string): Promise<SVGSVGElement | null> {
  const known = drawings.get(chart) ?? load(chart)
  drawings.set(chart, known)
  return known
}

/** As a parsed document, so that no text is ever turned into markup. */
function load(chart: string): Promise<SVGSVGElement | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.responseType = 'document'
    request.addEventListener('loadend', () => {
      const svg = request.responseXML?.documentElement
      if (!(svg instanceof SVGSVGElement)) {
        resolve(null)
        return
      }
      resolve(document.importNode(svg, true))
    })
    request.open('GET', `/inspect/charts/${encodeURIComponent(chart)}.svg`)
    request.send()
  })
}
