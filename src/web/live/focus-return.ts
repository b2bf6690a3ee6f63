import { effect } from '@preact/signals'
import { openPanel, panel } from '../address.js'

/**
 * Escape closes what is open beside the table; and whatever closes it, the focus is back where it was
 * when it was opened.
 */
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
    // When the table is drawn again.
    requestAnimationFrame(() => root.querySelector<HTMLElement>(way)?.focus({ preventScroll: true }))
  })
}

/** What finds a control again after its part of the page was redrawn. */
function wayTo(control: HTMLElement): string {
  const tag = control.tagName.toLowerCase()
  for (const name of ['id', 'href', 'value', 'class']) {
    const value = control.getAttribute(name)
    if (value !== null && value !== '') return `${tag}[${name}="${CSS.escape(value)}"]`
  }
  return tag
}
