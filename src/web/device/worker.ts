import { signal } from '@preact/signals'

/** There is a newer version of the page: the next navigation runs it. */
export const isOutdated = signal(false)

/**
 * Lets the page open without a network, where the browser can; never before the page is drawn. What
 * may run as a worker is decided here, and is one file.
 * @returns whether there is one, which then keeps all files of the page
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
    // It only opens with a network then.
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

/** What the page's policy (Trusted Types) lets become a script's address: this one file. */
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
