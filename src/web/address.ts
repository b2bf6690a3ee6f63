import { signal } from '@preact/signals'
import { type Place, placeOf } from './place.js'

/** What lies beside the table, or in its stead, under the same address. */
export const PANELS = ['stories', 'invite', 'settings', 'keys'] as const
export type Panel = (typeof PANELS)[number]

/** Where the page is. */
export const place = signal<Place>(placeOf(location.pathname))

/** What is open there beside the table; `null`: the table alone. */
export const panel = signal<Panel | null>(panelOf(location.hash))

/** Goes to an address of the page, as following a link does: also to the one where it is, as it is now. */
export function go(path: string): void {
  history.pushState(null, '', path)
  place.value = placeOf(location.pathname)
  read()
}

/** Takes what is behind `#` out of the address, where nobody who looks over a shoulder reads it, nor the history. */
export function dropFragment(): void {
  history.replaceState(null, '', location.pathname)
  read()
}

/** Opens a panel, or closes it; the way back leads out of it again. */
export function openPanel(name: Panel | null): void {
  if (name === panel.peek()) return
  history.pushState(null, '', name === null ? location.pathname : `#${name}`)
  read()
}

/** Follows the address, and makes links within the page change it without loading anything. */
export function followAddress(): void {
  addEventListener('popstate', read)
  addEventListener('hashchange', read)
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (link === null || !isPlain || event.defaultPrevented) return
    if (link.matches('.skip')) {
      event.preventDefault()
      return focusIn(link.hash.slice(1))
    }
    if (link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return
    if (placeOf(link.pathname).type === 'nowhere') return
    event.preventDefault()
    if (link.pathname !== location.pathname) go(link.pathname + link.hash)
    else if (link.href !== location.href) openPanel(panelOf(link.hash))
  })
}

/** Moves the focus to a part of the page, to its first control where it has one. */
function focusIn(id: string): void {
  const part = document.getElementById(id)
  const control = part?.querySelector<HTMLElement>('input, button, select, a')
  ;(control ?? part)?.focus()
}

function read(): void {
  const next = placeOf(location.pathname)
  if (JSON.stringify(next) !== JSON.stringify(place.peek())) place.value = next
  panel.value = panelOf(location.hash)
}

function panelOf(hash: string): Panel | null {
  return PANELS.find((name) => hash === `#${name}`) ?? null
}
