import fontUrl from '../style/inter.woff2?url'

/**
 * Uses the page's font if the worker cached it on an earlier visit. On a first visit the cards do not wait
 * for it, and nothing moves because it arrives late.
 */
export async function useKnownFont(): Promise<void> {
  // Over plain HTTP there is no such cache, and the system's font does as well.
  if (!('caches' in window)) return
  const known = await caches.match(fontUrl).catch(() => undefined)
  if (known !== undefined) document.documentElement.dataset['font'] = ''
}
