import { isWriting } from './writing.js'

/**
 * Makes sure that the focus is never lost: when the focused control disappears, its successor gets the focus:
 * the main action if there is one, otherwise the main part of the page. After a text field it is always the
 * latter, since whoever goes on typing must not press anything.
 */
export function keepFocus(root: HTMLElement): void {
  let last: Element | null = null
  root.addEventListener('focusin', (event) => {
    last = event.target instanceof Element ? event.target : null
  })
  new MutationObserver(() => {
    if (last === null || last.isConnected || document.activeElement !== document.body) return
    const action = isWriting(last) ? null : root.querySelector<HTMLElement>('[data-successor]')
    last = null
    ;(action ?? root.querySelector('main'))?.focus({ preventScroll: true })
  }).observe(root, { childList: true, subtree: true })
}
