import { safePath, safeUserAgent } from '../../src/http/middleware/loggable.js'

const ID = '3f2b8c1e-7a44-4a5e-9d0c-2f1f0b7c9a10'

test.each([
  ['/api/sessions', '/api/sessions'],
  [`/api/sessions/${ID}/vote/`, `/api/sessions/${ID}/vote/`],
  ['/docs/', '/docs/'],
  ['/', '/'],
  ['/api/sessions/Ada Lovelace/join', '/api/sessions/*/join'],
  ['/kQ3v_Yt0GkXlqU1nZ2d5bXh8c1pWQmFzZTY0dXJsLXRva2Vu', '/*'],
  ['/../../etc/passwd', '/*/*/*/*'],
  ['/a/b/c/d/e/f/g/h/i/j', '/*/*/*/*/*/*/*/*'],
])('%s is logged as %s', (path, shown) => {
  expect(safePath(path)).toBe(shown)
})

test.each([
  [undefined, null],
  ['curl/8.9.1', 'curl/8.9.1'],
  ['Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0'],
  [`poker kQ3v_Yt0GkXlqU1nZ2d5bXh8c1pWQmFzZTY0dXJsLXRva2Vu`, 'poker *'],
  ['a b'.repeat(100), 'a b'.repeat(100).slice(0, 200)],
  [`${' '.repeat(190)}${'t'.repeat(43)}`, `${' '.repeat(190)}*`],
])('a client that calls itself %j is logged as %j', (given, shown) => {
  expect(safeUserAgent(given)).toBe(shown)
})
