/*
 * The worker that lets the page open offline. It never decides which version runs: a navigation asks the
 * server first, and the cache is used only when no answer comes.
 */

export {}

declare const self: ServiceWorkerGlobalScope

/** Inserted by the build: the files of this version of the page, and its name. */
declare const PAGE_FILES: readonly string[]
declare const PAGE_BUILD: string

const CACHE = `page-${PAGE_BUILD}`
const SHELL = '/'
/** Somebody is waiting: a slower network counts as none. */
const NETWORK_MS = 1_500
/** How many older caches are kept, since tabs of older versions may still request their files. */
const OLD_CACHES_KEPT = 1

self.addEventListener('install', (event) => {
  // API requests do not even wake this worker, if the browser supports that.
  const bypass = ['/api/*', '/health', '/metrics', '/livez', '/readyz'].map((pathname) => ({
    condition: { urlPattern: { pathname } },
    source: 'network' as const,
  }))
  if ('addRoutes' in event && typeof event.addRoutes === 'function') event.waitUntil(event.addRoutes(bypass))
  event.waitUntil(keepFiles())
})

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOldFiles())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (request.mode === 'navigate' && /^\/($|[sr]\/)/.test(pathname)) event.respondWith(navigate(request))
  else if (pathname.startsWith('/assets/')) event.respondWith(fileOf(request))
})

async function keepFiles(): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.addAll([SHELL, ...PAGE_FILES].map((path) => new Request(path, { cache: 'no-cache' })))
  // Do not wait for the last tab of the old version to close, which may never happen.
  await self.skipWaiting()
}

async function forgetOldFiles(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith('page-') && name !== CACHE)
  for (const name of old.slice(0, -OLD_CACHES_KEPT)) await caches.delete(name)
}

/** The server's current answer or, if none comes in time, the cached page. */
async function navigate(request: Request): Promise<Response> {
  // Without the name, the oldest cache would answer, with a page of the version before.
  const shell = await caches.match(SHELL, { cacheName: CACHE })
  if (shell === undefined) return fetch(request)
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(shell), NETWORK_MS))
  const answered = fetch(request).then(
    // A proxy's error page while the server is replaced does not count.
    (response) => (response.status >= 500 ? shell : response),
    () => shell,
  )
  return Promise.race([answered, late])
}

/** A file with a hash in its name is the same wherever it comes from, and whoever asks for it. */
async function fileOf(request: Request): Promise<Response> {
  // The page's own script asks with an `Origin`, this worker without one, and answers vary by it.
  const kept = await caches.match(request, { ignoreVary: true })
  if (kept !== undefined) return kept
  const response = await fetch(request)
  if (response.ok) await (await caches.open(CACHE)).put(request, response.clone())
  return response
}
