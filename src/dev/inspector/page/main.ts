import type { Frame } from '../frames.js'
import { type Actors, withFrame } from './actors.js'
import { showChart } from './chart.js'
import { connect } from './connection.js'
import { byId } from './elements.js'
import { logFrame } from './log.js'
import { showActors, showTimers } from './panels.js'
import { tree } from './tree.js'

const COUNTDOWN_MS = 100

/** The page's state, from which everything else follows. */
let actors: Actors = new Map()
let chosenId: string | null = null
/** Until somebody chooses, the newest session is shown. */
let isChosenByHand = false
let isDrawDue = false

const places = {
  connection: byId('connection'),
  actors: byId('actors'),
  timers: byId('timers'),
  chart: byId('chart'),
  log: byId('log'),
  context: byId('context'),
}

connect({
  opened: () => {
    actors = new Map()
    places.log.replaceChildren()
    showConnection('live')
  },
  frame: (frame) => {
    actors = withFrame(actors, frame)
    choose(frame)
    logFrame(places.log, frame, actors.get(frame.sessionId)?.name ?? '')
    drawSoon()
  },
  closed: () => showConnection('disconnected; trying again'),
})

places.actors.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button') : null
  if (button === null) return
  chosenId = button.dataset['sessionId'] ?? null
  isChosenByHand = true
  drawSoon()
})

byId('zoom').addEventListener('click', ({ currentTarget }) => {
  if (!(currentTarget instanceof Element)) return
  const isFull = places.chart.classList.toggle('full')
  currentTarget.setAttribute('aria-pressed', String(isFull))
  const active = places.chart.querySelector('.active:not(.composite)')
  if (isFull) active?.scrollIntoView({ block: 'center', inline: 'center' })
})

setInterval(() => showTimers(places.timers, chosen(), Date.now()), COUNTDOWN_MS)

function chosen() {
  return chosenId === null ? undefined : actors.get(chosenId)
}

function choose(frame: Frame): void {
  if (chosenId !== null && !actors.has(chosenId)) isChosenByHand = false
  if (isChosenByHand || frame.type !== '@xstate.actor') return
  const isSession = actors.get(frame.sessionId)?.chart === 'session'
  if (isSession || chosenId === null || !actors.has(chosenId)) chosenId = frame.sessionId
}

function showConnection(text: string): void {
  places.connection.textContent = text
  places.connection.className = text === 'live' ? 'live' : ''
}

/** Draws once for many frames in quick succession. */
function drawSoon(): void {
  if (isDrawDue) return
  isDrawDue = true
  requestAnimationFrame(() => {
    isDrawDue = false
    draw()
  })
}

function draw(): void {
  showActors(places.actors, actors, chosenId)
  const actor = chosen()
  showTimers(places.timers, actor, Date.now())
  if (actor === undefined) return
  byId('chart-title').textContent = `Statechart: ${actor.chart}`
  places.context.replaceChildren(tree(actor.snapshot.context))
  void showChart(places.chart, actor)
}
