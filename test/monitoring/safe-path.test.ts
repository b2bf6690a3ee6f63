import { safePath } from '../../src/http/middleware/safe-path.js'

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
