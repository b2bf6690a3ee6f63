/*
 * The worker that lets the page open without a network. It never decides which version runs: a
 * navigation asks the server first, and what it kept is only for when no answer comes.
 */

export {}

declare const self: ServiceWorkerGlobalScope

/** Written by the build: what this version of the page consists of, and a name for it. */
declare const PAGE_FILES: readonly string[]
declare const PAGE_BUILD: string

const CACHE = `page-${PAGE_BUILD}`
const SHELL = '/'
/** Somebody is waiting: a network that takes longer is none. */
const NETWORK_MS = 1_500
/** A tab of an older version may still ask for its files for so long. */
const OLD_CACHES_KEPT = 1

self.addEventListener('install', (event) => {
  // The API does not even wake this worker, where a browser knows how.
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
  // Not only when the last tab of the old version is closed, which may be never.
  await self.skipWaiting()
}

async function forgetOldFiles(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith('page-') && name !== CACHE)
  for (const name of old.slice(0, -OLD_CACHES_KEPT)) await caches.delete(name)
}

/** What the server says now; where it says nothing in time, the page as it was kept. */
async function navigate(request: Request): Promise<Response> {
  const shell = await caches.match(SHELL)
  if (shell === undefined) return fetch(request)
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(shell), NETWORK_MS))
  const answered = fetch(request).then(
    // A proxy's error page while the server is replaced is no page.
    (response) => (response.status >= 500 ? shell : response),
    () => shell,
  )
  return Promise.race([answered, late])
}

/** A file whose name says what is in it is the same wherever it comes from. */
async function fileOf(request: Request): Promise<Response> {
  const kept = await caches.match(request)
  if (kept !== undefined) return kept
  const response = await fetch(request)
  if (response.ok) await (await caches.open(CACHE)).put(request, response.clone())
  return response
}
