import { BehindProxy } from '../support/behind-proxy.js'
import { HOST } from '../support/front-proxy.js'
import { exchange, statusOf } from '../support/raw-exchange.js'

/** In the tests' copies of the shipped files: 127.0.0.x is this machine, this is somebody else. */
const OUTSIDE = '127.0.1.9'

const FIGURES = [
  ['GET', '/metrics'],
  ['GET', '/api/health/status'],
  ['GET', '/api/health/metrics'],
  ['POST', '/api/health/checks'],
] as const

/** One path in every spelling that some server or proxy has accepted for it. */
const SPELLINGS: Readonly<Record<string, (path: string) => string>> = {
  'as it is': (path) => path,
  'with a slash at its end': (path) => `${path}/`,
  'with two at its end': (path) => `${path}//`,
  'with a query': (path) => `${path}?x=1`,
  'with a slash and a query': (path) => `${path}/?x=/health`,
  'with an empty query': (path) => `${path}?`,
  'in capitals': (path) => path.toUpperCase(),
  'with one capital': (path) => path.replace(/[a-z](?=[a-z]*$)/, (letter) => letter.toUpperCase()),
  'with two slashes before it': (path) => `/${path}`,
  'with two slashes in it': (path) => path.replace(/\/(?=[a-z]+$)/, '//'),
  'with a dot segment': (path) => path.replace(/\/(?=[a-z]+$)/, '/./'),
  'with a dot segment at its end': (path) => `${path}/.`,
  'up from a name': (path) => path.replace(/\/(?=[a-z]+$)/, '/x/../'),
  'up from an escaped slash': (path) => path.replace(/\/(?=[a-z]+$)/, '/x%2f..%2f'),
  'up by escaped dots': (path) => path.replace(/\/(?=[a-z]+$)/, '/x/%2e%2e/'),
  'with an escaped dot segment': (path) => path.replace(/\/(?=[a-z]+$)/, '/%2e/'),
  'with an escaped letter': (path) => path.replace('me', '%6de').replace('st', '%73t').replace('ch', '%63h'),
  'escaped twice': (path) => path.replace('me', '%256de').replace('st', '%2573t').replace('ch', '%2563h'),
  'with every letter escaped': (path) =>
    path.replaceAll(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  'with escaped slashes': (path) => `/${path.slice(1).replaceAll('/', '%2f')}`,
  'with the first slash escaped': (path) => `%2f${path.slice(1)}`,
  'with an overlong escape': (path) => path.replace(/\/(?=[a-z]+$)/, '/%c0%ae/'),
  'with an escape of nothing': (path) => `${path}%00`,
  'with an escaped end of line': (path) => `${path}%0a`,
  'with a semicolon': (path) => `${path};x=1`,
  'with a backslash': (path) => path.replaceAll('/', '\\'),
  'with a backslash in it': (path) => path.replace(/\/(?=[a-z]+$)/, '/\\'),
  'with a fragment': (path) => `${path}#x`,
  'with a fragment before it': (path) => `/health#/..${path}`,
  'with a no-break space at its end': (path) => `${path}\u00a0`,
  'with a tab at its end': (path) => `${path}\t`,
  'without its slash': (path) => path.slice(1),
  'with a star for its slash': (path) => `*${path.slice(1)}`,
  'with another letter for its slash': (path) => `x${path.slice(1)}`,
  'with a question mark before it': (path) => `/?${path}`,
  'with its host': (path) => `http://${HOST}${path}`,
  'with its host over TLS': (path) => `https://${HOST}${path}`,
  'with its host in capitals': (path) => `HTTP://${HOST.toUpperCase()}${path}`,
  'with its host and a name': (path) => `http://somebody@${HOST}${path}`,
  'with no host in its place': (path) => `http://${path}`,
  'with a scheme alone': (path) => `http:${path}`,
  'with its host, two slashes': (path) => `http://${HOST}/${path}`,
  'with its host, escaped': (path) => `http://${HOST}${path.replace('m', '%6d').replace('s', '%73')}`,
}

const OF_FIGURES = /magnapp_|"counters"|"uptime_seconds"|"memory_usage"|process_cpu/

describe.each(['nginx', 'haproxy', 'caddy'] as const)('behind %s with the shipped file', (name) => {
  const stand = BehindProxy.forTests(name, {})
  if (stand === null) return test.skip('serves the figures only to the inside', () => {})

  const ask = (method: string, target: string, from: string) =>
    exchange(
      { port: stand.proxy.port, from, secure: { host: HOST, certFile: stand.certFile } },
      `${method} ${target} HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    )

  test.each(FIGURES)(
    '%s %s answers this machine, and nobody outside, however it is spelt',
    async (...figures) => {
      const [method, path] = figures
      const inside = await ask(method, path, '127.0.0.1')
      expect([statusOf(inside), OF_FIGURES.test(inside)]).toEqual([200, true])
      const spelt = await Promise.all(
        Object.entries(SPELLINGS).map(async ([spelling, of]) => {
          const received = await ask(method, of(path), OUTSIDE)
          return { spelling, status: statusOf(received), shows: OF_FIGURES.test(received) }
        }),
      )
      expect(spelt.filter(({ shows }) => shows)).toEqual([])
    },
  )

  test.each(['HEAD', 'OPTIONS', 'POST', 'PUT', 'BREW'])('nor does %s', async (method) => {
    for (const [, path] of FIGURES) {
      const received = await ask(method, path, OUTSIDE)
      expect([path, statusOf(received)]).toEqual([path, 404])
    }
  })

  test('a refusal looks like the server’s own', async () => {
    const api = await stand.client(OUTSIDE)
    const { status, headers, body } = await api.request('/api/health/status')
    expect(status).toBe(404)
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
    const there = await api.request('/nowhere')
    for (const member of ['type', 'title', 'status', 'error', 'error_code', 'message', 'recovery_actions'])
      expect([member, body[member]]).toEqual([member, there.body[member]])
  })

  test('everybody gets capacity, which the start page shows, and all that people request', async () => {
    const api = await stand.client(OUTSIDE)
    for (const path of ['/api/health/capacity', '/API/sessions/x', '/health', '/livez/', '/readyz', '/docs'])
      expect([path, (await api.request(path)).status]).toEqual([path, path === '/API/sessions/x' ? 404 : 200])
    const ada = await api.create()
    expect((await api.request(`/api/sessions/${ada.sessionId}/?x=%2e%2e//%00`)).status).toBe(200)
  })

  test.each([
    ['another host', 'evil.example'],
    ['no host', undefined],
    ['an address', '127.0.0.1'],
    ['a host with the same beginning', `${HOST}.evil.example`],
    ['a host with the same ending', `evil-${HOST}`],
  ])('a request for %s gets nothing from the server', async (_which, host) => {
    const door = { port: stand.proxy.port, secure: { host: HOST, certFile: stand.certFile } }
    const head = `GET /health HTTP/1.1\r\n${host === undefined ? '' : `Host: ${host}\r\n`}Connection: close\r\n\r\n`
    for (const received of await Promise.all([
      exchange(door, head),
      exchange({ port: stand.proxy.plainPort }, head),
    ])) {
      expect(received).not.toContain('uptime_seconds')
      const status = statusOf(received)
      expect(status === null || status >= 400).toBe(true)
    }
  })
})
