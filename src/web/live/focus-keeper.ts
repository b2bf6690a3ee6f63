/**
 * Makes sure that the focus is never lost: when the focused control disappears, its successor gets the focus:
 * the main action if there is one, otherwise the part of the page marked as home.
 */
export function keepFocus(root: HTMLElement): void {
  let last: Element | null = null
  root.addEventListener('focusin', (event) => {
    last = event.target instanceof Element ? event.target : null
  })
  new MutationObserver(() => {
    if (last === null || last.isConnected || document.activeElement !== document.body) return
    last = null
    const successor = root.querySelector<HTMLElement>('[data-successor]') ?? root.querySelector('main')
    successor?.focus({ preventScroll: true })
  }).observe(root, { childList: true, subtree: true })
}
