import { connect } from 'node:net'
import { ROUTE_NAMES, ROUTES } from '../../src/wire/routes.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'

let server: BuiltServer

beforeAll(async () => {
  server = await startBuiltServer({ RATE_LIMITING: 'false', INSPECT: 'true' })
})
afterAll(() => server.stop())

interface Answered {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Sends the target as written, without a client's normalization. */
function ask(method: string, target: string, headers = ''): Promise<Answered> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(Number(port), hostname)
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject).on('close', () => {
      const [head = '', ...rest] = text.split('\r\n\r\n')
      resolve({ status: Number(head.slice(9, 12)), head, body: rest.join('\r\n\r\n') })
    })
    socket.write(`${method} ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n${headers}\r\n`)
  })
}

const header = (name: string, { head }: Answered) =>
  new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim()

const NOBODY = '00000000-0000-4000-8000-000000000000'
const pathOf = (path: string) => path.replaceAll(/\{\w+\}/g, NOBODY)
const ADDRESSES = [
  ...new Set(ROUTE_NAMES.map((name) => pathOf(ROUTES[name].path))),
  '/docs',
  '/docs/start.js',
  '/openapi.json',
  '/',
  '/inspect',
  '/inspect/main.js',
]
const UNKNOWN = ['/nothing', '/api', '/api/nothing', '/docs/nothing', '/inspect/nothing']

/** What an address answers, apart from what differs each time. */
const said = async (method: string, target: string) => {
  const { status, body } = await ask(method, target)
  return { status, code: /"error_code":"(\w+)"/.exec(body)?.[1] }
}

describe.each([...ADDRESSES, ...UNKNOWN])('%s', (path) => {
  test('is the same with a trailing slash and as a whole URL, and nothing in another case', async () => {
    const answered = await said('GET', path)
    // The inspector is only for this machine's own browsers.
    const otherHost = path.startsWith('/inspect') ? 'localhost' : 'other.example'
    for (const other of [`${path}/`, `http://127.0.0.1${path}`, `HTTP://${otherHost}${path}`]) {
      expect({ other, ...(await said('GET', other)) }).toEqual({ other, ...answered })
    }
    if (path !== '/') expect((await ask('GET', path.toUpperCase())).status).toBe(404)
  })

  test('answers HEAD as it does GET, without the body', async () => {
    const [head, get] = [await ask('HEAD', path), await ask('GET', path)]
    expect(head.status).toBe(get.status)
    expect(head.body).toBe('')
    expect(header('content-type', head)).toBe(header('content-type', get))
  })
})

test.each(ADDRESSES)('%s names its methods in refusing every other', async (path) => {
  const methods = ROUTE_NAMES.filter((name) => pathOf(ROUTES[name].path) === path).map((name) =>
    ROUTES[name].method.toUpperCase(),
  )
  const known = methods.length > 0 ? methods : ['GET']
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
    if (known.includes(method)) continue
    const answered = await ask(method, path)
    expect([method, answered.status]).toEqual([method, 405])
    expect(header('allow', answered)?.split(', ').sort()).toEqual(
      [...known, ...(known.includes('GET') ? ['HEAD'] : [])].sort(),
    )
    expect(JSON.parse(answered.body)).toMatchObject({ error_code: 'METHOD_NOT_ALLOWED' })
  }
})

test.each(UNKNOWN)('%s is nothing, whatever the method', async (path) => {
  for (const method of ['GET', 'POST', 'PATCH']) expect((await ask(method, path)).status).toBe(404)
})

test.each(['/%zz', '/api/sessions/%ff', '/docs/%', '/api/%c0%80'])('%s is malformed', async (path) => {
  expect(await said('GET', path)).toEqual({ status: 400, code: 'MALFORMED_REQUEST' })
})

test.each(['//api/sessions', '/api//sessions', '/api/sessions//', '/API/sessions', '*', '/api/sess%69ons'])(
  '%s is nothing',
  async (path) => {
    expect((await ask('GET', path)).status).toBe(404)
  },
)

test('every answer under /api is stored nowhere unless it says otherwise', async () => {
  for (const path of ADDRESSES.filter((address) => address.startsWith('/api'))) {
    for (const method of ['GET', 'POST']) {
      expect([path, header('cache-control', await ask(method, path))]).toEqual([path, 'no-store'])
    }
  }
})
