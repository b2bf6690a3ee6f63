/**
 * Calls back when a page may have lost its connection without noticing: it becomes visible again, leaves the
 * back/forward cache or a freeze, or is online again. Outside of a page, never.
 * @returns unsubscribes
 */
export function onReturn(callback: () => void): () => void {
  const page = pageTarget()
  const surroundings = windowTarget()
  const onSeen = () => {
    if (isPageVisible()) callback()
  }
  const onShown = (event: Event) => {
    if (Reflect.get(event, 'persisted') === true) callback()
  }
  const listened: readonly (readonly [EventTarget | null, string, (event: Event) => void])[] = [
    [page, 'visibilitychange', onSeen],
    [page, 'resume', callback],
    [surroundings, 'pageshow', onShown],
    [surroundings, 'online', callback],
  ]
  for (const [target, type, listener] of listened) target?.addEventListener(type, listener)
  return () => {
    for (const [target, type, listener] of listened) target?.removeEventListener(type, listener)
  }
}

/** Whether the user can see this page; `true` outside of a page. */
export function isPageVisible(): boolean {
  const page = pageTarget()
  return page === null || Reflect.get(page, 'visibilityState') === 'visible'
}

function pageTarget(): EventTarget | null {
  const page: unknown = Reflect.get(globalThis, 'document')
  return page instanceof EventTarget ? page : null
}

/** A page's window, or a worker. */
function windowTarget(): EventTarget | null {
  const surroundings: unknown = globalThis
  return surroundings instanceof EventTarget ? surroundings : null
}
