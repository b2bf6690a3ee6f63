import type { ShownTimer } from '../frames.js'
import { type Actors, type ActorView, asTree, innermost } from './actors.js'
import { element } from './elements.js'
import { inner, short } from './words.js'

/** The actors as a tree of buttons; one is chosen. */
export function showActors(place: HTMLElement, actors: Actors, chosenId: string | null): void {
  place.replaceChildren(
    ...asTree(actors).map(({ actor, depth }) => {
      const [kind = '', id = ''] = actor.name.split(' ')
      const button = element(
        'button',
        `depth-${Math.min(depth, 2)}`,
        element('b', '', titleOf(actor) ?? kind),
        element('span', 'id', titleOf(actor) === null ? short(id) : `${kind} ${short(id)}`),
        element('span', `state ${actor.snapshot.status}`, stateOf(actor)),
      )
      button.dataset['sessionId'] = actor.sessionId
      button.setAttribute('aria-current', String(actor.sessionId === chosenId))
      return element('li', '', button)
    }),
  )
}

/** The running timers, soonest first, with the time left for each. */
export function showTimers(place: HTMLElement, actor: ActorView | undefined, now: number): void {
  const timers = (actor?.snapshot.timers ?? []).toSorted((one, other) => one.dueAt - other.dueAt)
  const lines = timers.map((timer) => timerLine(timer, now))
  place.replaceChildren(...(lines.length > 0 ? lines : [element('li', 'none', 'no timer runs')]))
}

function timerLine({ delay, stateId, dueAt }: ShownTimer, now: number): HTMLElement {
  return element(
    'li',
    '',
    element('b', '', delay),
    element('span', 'id', inner(stateId)),
    element('output', '', remaining(dueAt - now)),
  )
}

function remaining(ms: number): string {
  const tenths = Math.max(0, Math.ceil(ms / 100))
  const [minutes, seconds] = [Math.floor(tenths / 600), (tenths % 600) / 10]
  return `${minutes}:${seconds.toFixed(1).padStart(4, '0')}`
}

function titleOf({ snapshot: { context } }: ActorView): string | null {
  if (typeof context !== 'object' || context === null || !('name' in context)) return null
  return String(context.name)
}

function stateOf({ snapshot }: ActorView): string {
  if (snapshot.status !== 'active') return snapshot.status
  return snapshot.tags[0] ?? innermost(snapshot.value)
}
