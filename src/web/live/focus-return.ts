import { effect } from '@preact/signals'
import { openPanel, panel } from '../address.js'

/** Escape closes the open panel; however it is closed, the focus returns to where it was. */
export function returnFocus(root: HTMLElement): void {
  let opener: string | null = null
  let last = ''
  root.addEventListener('focusin', ({ target }) => {
    if (panel.peek() === null && target instanceof HTMLElement) last = wayTo(target)
  })
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && panel.peek() !== null && !event.defaultPrevented) openPanel(null)
  })
  effect(() => {
    if (panel.value !== null) {
      opener ??= last
      return
    }
    const way = opener
    opener = null
    if (way === null || way === '') return
    // Once the table is drawn again.
    requestAnimationFrame(() => root.querySelector<HTMLElement>(way)?.focus({ preventScroll: true }))
  })
}

/** A selector that finds a control again after its part of the page was redrawn. */
function wayTo(control: HTMLElement): string {
  const tag = control.tagName.toLowerCase()
  for (const name of ['id', 'href', 'value', 'class']) {
    const value = control.getAttribute(name)
    if (value !== null && value !== '') return `${tag}[${name}="${CSS.escape(value)}"]`
  }
  return tag
}
