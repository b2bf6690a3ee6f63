import type { Frame, ShownEvent } from '../frames.js'
import { element } from './elements.js'
import { inner, short } from './words.js'

const LINES_MAX = 300

/** Adds a frame's line at the top of the list; the oldest is removed when there are too many. */
export function logFrame(list: HTMLElement, frame: Frame, actorName: string): void {
  const line = lineOf(frame)
  if (line === null) return
  const time = new Date(Number(frame.createdAt)).toLocaleTimeString([], { hour12: false })
  const who = actorName.split(' ').map(short).join(' ')
  line.dataset['sessionId'] = frame.sessionId
  line.append(element('span', 'when', `${time}  ${who}`))
  list.prepend(line)
  while (list.childElementCount > LINES_MAX) list.lastElementChild?.remove()
}

function lineOf(frame: Frame): HTMLElement | null {
  switch (frame.type) {
    case '@xstate.actor':
      return element('li', 'actor', element('b', '', 'started'))
    case '@xstate.event':
      return element(
        'li',
        'event',
        element('b', '', frame.event.type),
        element('span', 'what', detail(frame.event)),
      )
    case '@xstate.microstep':
      return element(
        'li',
        'step',
        ...frame.transitions.map(({ source, targets, guard }) => {
          const to = targets.map(inner).join(', ') || 'stays'
          return element('span', 'way', `${inner(source)} → ${to}${guard === null ? '' : ` [${guard}]`}`)
        }),
      )
    case '@xstate.snapshot':
      return frame.snapshot.status === 'active'
        ? null
        : element('li', 'end', element('b', '', frame.snapshot.status))
  }
}

function detail(event: ShownEvent): string {
  return Object.entries(event)
    .filter(([name]) => name !== 'type' && name !== 'at')
    .map(([name, value]) => `${name} ${short(String(value))}`)
    .join('  ')
}
