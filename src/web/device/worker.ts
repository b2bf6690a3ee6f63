import { signal } from '@preact/signals'

/** Whether there is a newer version of the page, which the next navigation runs. */
export const isOutdated = signal(false)

/**
 * Lets the page open offline, if the browser supports it; never before the page is drawn. Which file may run
 * as a worker is decided here, and it is a single one.
 * @returns whether there is a worker, which then caches all files of the page
 */
export async function registerWorker(): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false
  const hadOne = navigator.serviceWorker.controller !== null
  try {
    const registration = await navigator.serviceWorker.register(scriptUrl('/sw.js'))
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      isOutdated.value ||= hadOne
    })
    registration.addEventListener('updatefound', () => {
      isOutdated.value ||=
        hadOne && registration.installing !== null && navigator.serviceWorker.controller !== null
    })
    return true
  } catch {
    // Then the page opens only with a network.
    return false
  }
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string
  }
}

/** The only script address that the page's policy (Trusted Types) allows. */
function scriptUrl(path: '/sw.js'): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes }
  if (trustedTypes === undefined) return path
  const policy = trustedTypes.createPolicy('magnapp', {
    createScriptURL: (url) => {
      if (url === '/sw.js') return url
      throw new TypeError(`${url} is no script of this page`)
    },
  })
  return policy.createScriptURL(path)
}
