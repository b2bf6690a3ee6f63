import type { Shown } from '../frames.js'
import { element } from './elements.js'
import { short } from './words.js'

/** Above this, a number in the context is a point in time: 2001 in milliseconds. */
const EPOCH_MS_MIN = 1_000_000_000_000

/** A value as nested lists of names and values. */
export function tree(value: Shown): HTMLElement {
  if (!isBranch(value)) return leaf(value)
  const entries = Object.entries(value)
  if (entries.length === 0) return element('span', 'none', 'none')
  return element(
    'dl',
    '',
    ...entries.map(([name, inner]) =>
      element(
        'div',
        isBranch(inner) ? 'branch' : '',
        element('dt', '', short(name)),
        element('dd', '', tree(inner)),
      ),
    ),
  )
}

/** The last digits of a long id, with the whole id in its tooltip. */
function text(value: string): HTMLElement {
  const shown = element('span', '', short(value))
  if (shown.textContent !== value) shown.title = value
  return shown
}

function isBranch(value: Shown): value is Extract<Shown, object> {
  return typeof value === 'object' && value !== null
}

function leaf(value: Exclude<Shown, object>): HTMLElement {
  if (value === null) return element('span', 'none', 'null')
  if (typeof value === 'string') return text(value)
  if (typeof value === 'boolean' || value < EPOCH_MS_MIN) return element('span', '', String(value))
  return element('time', '', new Date(value).toLocaleTimeString([], { hour12: false }))
}
