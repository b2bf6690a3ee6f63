import net, { isIPv4 } from 'node:net'
import fc from 'fast-check'
import { isHostField } from '../../src/http/own-host.js'
import { Api } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { propertyRuns } from '../support/property-runs.js'

let server: InProcess
let api: Api

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startInProcess({ environment: { MAX_SESSIONS: '100', ...environment } })
  api = new Api(server.url)
}

afterEach(() => server.stop())

const BODY = '{"name":"S","creator_name":"A","creator_avatar":"fox"}'

interface RawAnswer {
  readonly status: number
  readonly text: string
}

/** Sends a head as it is. @param head - the end of the request line, and the fields */
function ask(request: string, head: string, body = ''): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = ''
    const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1', () => {
      const typed = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`
      socket.write(`${request} ${head}Connection: close\r\n${typed}\r\n${body}`)
    })
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text }))
  })
}

const create = (head: string) => ask('POST /api/sessions', head, BODY)

const POSSIBLE = [
  'x',
  'poker.example',
  'poker.example.',
  'POKER.example:8000',
  'xn--bcher-kva.example:',
  '1a.0x1.5x',
  'my_host',
  '127.0.0.1:80',
  '[::1]',
  '[2001:db8::1]:65535',
  `${'a'.repeat(63)}.example`,
]
const IMPOSSIBLE = [
  '',
  ':80',
  'user:pw@other.example',
  'user@other.example',
  'other.example/x#',
  'other.example?x',
  'a b',
  '"><i>',
  'a:b',
  'a:99999',
  'a:123456',
  '.',
  'a..b',
  '-a',
  '1.2.3',
  'a.5',
  'a.0x',
  '0x7f.1.',
  '1.2.3.4.5x.0x1',
  '999.1.1.1',
  '[::1',
  '::1',
  '[::g]',
  '[]',
  'bücher.example',
  'a,b',
  `${'a.'.repeat(130)}example`,
]

/** Labels that encode nothing: the URLs of newer versions of Node.js may have them, those of older ones not. */
const ENCODING_NOTHING = ['xn--a', 'poker.XN--a.example:80']

const LABEL = fc.oneof(
  fc.stringMatching(/^[a-zA-Z\d_-]{1,8}$/),
  fc.stringMatching(/^(?:xn|XN)--[a-z\d-]{0,8}$/),
  fc.constantFrom('0x', '0X1f', '08', '1', '255', '256', '5x', 'xn--bcher-kva', ''),
)
const NAME = fc.oneof(
  fc.array(LABEL, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.')),
  fc.ipV4Extended(),
  fc.oneof(fc.ipV6(), fc.stringMatching(/^[\d.:a-f]{2,20}$/)).map((address) => `[${address}]`),
  fc.string(),
)
const PORT = fc.oneof(
  fc.constantFrom('', '.', ':'),
  fc.nat(70_000).map((port) => `:${port}`),
)
/** Whatever may pass for a `Host`. */
const FIELD = fc.tuple(NAME, PORT).map((parts) => parts.join(''))

describe('a Host header', () => {
  test.each(POSSIBLE)('%s names a host', async (host) => {
    expect(isHostField(host)).toBe(true)
    await start()
    expect((await create(`HTTP/1.1\r\nHost: ${host}\r\n`)).status).toBe(201)
  })

  test.each(IMPOSSIBLE)('%j names none: 400, without an echo of it', async (host) => {
    expect(isHostField(host)).toBe(false)
    await start()
    for (const request of ['POST /api/sessions', 'GET /api/sessions', 'GET /livez']) {
      const { status, text } = await ask(request, `HTTP/1.1\r\nHost: ${host}\r\n`)
      expect(status).toBe(400)
      if (host.length > 2) expect(text).not.toContain(host)
    }
  })

  test.each(ENCODING_NOTHING)('%s names a host where URLs may have it, and otherwise none', async (host) => {
    const isPossible = URL.canParse(`http://${host}`)
    expect(isHostField(host)).toBe(isPossible)
    await start()
    expect((await create(`HTTP/1.1\r\nHost: ${host}\r\n`)).status).toBe(isPossible ? 201 : 400)
  })

  test('that names a host does so in a URL, too, and the same one', () => {
    fc.assert(
      fc.property(FIELD, (field) => {
        if (!isHostField(field)) return
        const { hostname } = new URL(`http://${field}`)
        if (isIPv4(hostname)) expect(field).toContain(hostname)
      }),
      { numRuns: propertyRuns(5_000) },
    )
  })

  test('is required exactly once', async () => {
    await start()
    expect((await create('HTTP/1.1\r\n')).status).toBe(400)
    expect((await create('HTTP/1.1\r\nHost: a\r\nHost: b\r\n')).status).toBe(400)
    const old = await create('HTTP/1.0\r\n')
    expect(old.status).toBe(400)
    expect(old.text).toContain('"error_code":"MALFORMED_REQUEST"')
    expect(old.text).not.toContain('undefined')
  })

  test.each(['/health', '/livez', '/readyz', '/metrics', '/readyz/?x=1'])(
    'is not required of a load balancer that asks for %s over HTTP/1.0',
    async (path) => {
      await start()
      expect((await ask(`GET ${path}`, 'HTTP/1.0\r\n')).status).toBe(200)
    },
  )

  test('from a trusted proxy must name a host too', async () => {
    await start({ TRUST_PROXY: '1' })
    const forwarded = (host: string) => create(`HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host: ${host}\r\n`)
    for (const host of IMPOSSIBLE.filter((one) => one !== '' && one !== 'a,b')) {
      const { status, text } = await forwarded(host)
      expect([host, status]).toEqual([host, 400])
      expect(text).not.toContain('join_url')
    }
    expect((await forwarded('poker.example, other.example')).text).toContain(
      '"join_url":"http://poker.example/s/',
    )
  })

  test('from an untrusted proxy is ignored', async () => {
    await start()
    const { text } = await create('HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host: user@evil.example\r\n')
    expect(text).toContain('"join_url":"http://x/s/')
  })

  test('from a trusted proxy with a scheme other than http and https makes no link with it', async () => {
    await start({ TRUST_PROXY: '1' })
    const { text } = await create('HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: javascript\r\n')
    expect(text).toContain('"join_url":"http://x/s/')
  })
})

describe('join_url (contract section 10)', () => {
  const linkOf = async (headers: Record<string, string> = {}) => {
    const { body } = await api.post('/api/sessions', { body: BODY, headers })
    return body.join_url.replace(body.session_id, 'ID')
  }

  test('is the address that the request was sent to', async () => {
    await start()
    expect(await linkOf()).toBe(`${server.url}/s/ID`)
    expect((await create('HTTP/1.1\r\nHost: Poker.Example:80\r\n')).text).toContain(
      '"join_url":"http://poker.example/s/',
    )
  })

  test.each([
    ['https://poker.example', 'https://poker.example/s/ID'],
    ['https://poker.example/', 'https://poker.example/s/ID'],
    ['HTTP://Poker.example:8080', 'http://poker.example:8080/s/ID'],
    ['https://tools.example/poker/', 'https://tools.example/poker/s/ID'],
    ['http://[::1]:8000', 'http://[::1]:8000/s/ID'],
  ])('with PUBLIC_URL=%s is below that, whatever the request names', async (PUBLIC_URL, link) => {
    await start({ PUBLIC_URL, TRUST_PROXY: '1' })
    expect(await linkOf()).toBe(link)
    expect(await linkOf({ 'X-Forwarded-Host': 'other.example', 'X-Forwarded-Proto': 'https' })).toBe(link)
  })
})
