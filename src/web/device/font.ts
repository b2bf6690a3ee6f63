import fontUrl from '../style/inter.woff2?url'

/**
 * Uses the page's font where it is at hand already: the worker has fetched it at an earlier visit. A first
 * visit's cards do not wait for it, and nothing moves because it comes late.
 */
export async function useKnownFont(): Promise<void> {
  // In plain HTTP there is no such cache, and the system's font is as good.
  if (!('caches' in window)) return
  const known = await caches.match(fontUrl).catch(() => undefined)
  if (known !== undefined) document.documentElement.dataset['font'] = ''
}
