import { signal } from '@preact/signals'
import { type Place, placeOf } from './place.js'

/** The panels beside or instead of the table, at the same address. */
export const PANELS = ['stories', 'invite', 'settings', 'keys'] as const
export type Panel = (typeof PANELS)[number]

/** The page's current place. */
export const place = signal<Place>(placeOf(location.pathname))

/** The open panel; `null`: the table alone. */
export const panel = signal<Panel | null>(panelOf(location.hash))

/** Navigates to an address of the page, as a link does, even to the current one. */
export function go(path: string): void {
  if (new URL(path, location.href).href !== location.href) history.pushState(null, '', path)
  place.value = placeOf(location.pathname)
  read()
}

/** Removes what is behind `#` from the address, so that neither onlookers nor the history can read it. */
export function dropFragment(): void {
  history.replaceState(null, '', location.pathname)
  read()
}

/** Opens or closes a panel; the browser's back button closes it again. */
export function openPanel(name: Panel | null): void {
  if (name === panel.peek()) return
  history.pushState(null, '', name === null ? location.pathname : `#${name}`)
  read()
}

/** Follows the address, and handles links within the page without loading anything. */
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
    // What is behind the current address may have changed.
    if (link.pathname !== location.pathname || link.href === location.href) go(link.pathname + link.hash)
    else openPanel(panelOf(link.hash))
  })
}

/** Moves the focus to a part of the page, to its first control if it has one. */
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
