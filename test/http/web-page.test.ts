import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import express from 'express'
import { ownNetworkAddress } from '../../src/http/pages/own-network.js'
import { webPage } from '../../src/http/pages/web.js'

const DOCUMENT = `<!doctype html><title>Page</title>${'<p>line</p>'.repeat(40)}`
const SCRIPT = 'console.log("page");'.repeat(40)

/** A page's folder as the build leaves it. */
function pageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'magnapp-page-'))
  mkdirSync(join(folder, 'assets'))
  for (const [name, text] of [
    ['index.html', DOCUMENT],
    ['assets/page-abc.js', SCRIPT],
    ['icon.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ] as const) {
    writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(text))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(text))
  }
  return folder
}

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

type Settings = Parameters<typeof webPage>[0]
type Answer = { readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly body: Buffer }

/** A server of the page and nothing else. */
async function serve(folder: string, settings: Partial<Settings> = {}) {
  const app = express()
  app.use(webPage({ HOST: '0.0.0.0', PUBLIC_URL: null, ...settings }, folder).routes)
  app.use((_request, response) => {
    response.status(404).send('nothing here')
  })
  const server = app.listen(0, '127.0.0.1')
  closing.push(() => {
    server.close()
    server.closeAllConnections()
    rmSync(folder, { recursive: true, force: true })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return (path: string, options: http.RequestOptions = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = http.request({ port, path, ...options }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        )
      })
      request.on('error', reject)
      request.end()
    })
}

test.each(['/', '/s/abc', '/s/abc/', '/r/payments'])(
  '%s is the page, under the strictest policy',
  async (path) => {
    const get = await serve(pageFolder())
    const { status, headers, body } = await get(path, { headers: { host: 'poker.example' } })
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: DOCUMENT })
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self'")
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types magnapp")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
  },
)

test.each([
  '/x',
  '/s/',
  '/s/a/b',
  '/assets/',
  '/assets/other.js',
  '/../package.json',
  '/assets/..%2findex.html',
])('%s is not a file of the page', async (path) => {
  const get = await serve(pageFolder())
  const { status, body } = await get(path)
  expect({ status, body: body.toString() }).toEqual({ status: 404, body: 'nothing here' })
})

test.each([
  ['br, gzip', 'br', brotliDecompressSync],
  ['gzip', 'gzip', gunzipSync],
  ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
  ['identity', undefined, (body: Buffer) => body],
] as const)('for a browser that accepts %s the coding is %s', async (accepted, coding, decode) => {
  const get = await serve(pageFolder())
  const { headers, body } = await get('/assets/page-abc.js', { headers: { 'accept-encoding': accepted } })
  expect(headers['content-encoding']).toBe(coding)
  expect(headers['vary']).toMatch(/Accept-Encoding/)
  expect(Number(headers['content-length'])).toBe(body.length)
  expect(decode(body).toString()).toBe(SCRIPT)
})

test('a file named after its content is cached for good, and a document is revalidated', async () => {
  const get = await serve(pageFolder())
  const script = await get('/assets/page-abc.js')
  expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const first = await get('/')
  const again = await get('/', { headers: { 'if-none-match': String(first.headers.etag) } })
  expect({ status: again.status, length: again.body.length }).toEqual({ status: 304, length: 0 })
  const coded = await get('/', {
    headers: { 'accept-encoding': 'br', 'if-none-match': String(first.headers.etag) },
  })
  expect(coded.status).toBe(200)
})

test('HEAD returns only the headers, and other methods are refused', async () => {
  const get = await serve(pageFolder())
  const head = await get('/', { method: 'HEAD' })
  expect({ status: head.status, length: head.body.length }).toEqual({ status: 200, length: 0 })
  expect(Number(head.headers['content-length'])).toBeGreaterThan(0)
  const post = await get('/', { method: 'POST' })
  expect(post.headers.allow).toBe('GET, HEAD')
})

test('the document says where others reach the server, if that is a different address', async () => {
  const meta = ({ body }: Answer) =>
    /<meta name="magnapp-origin" content="([^"]*)">/.exec(body.toString())?.[1]
  const byName = await serve(pageFolder())
  expect(meta(await byName('/', { headers: { host: 'poker.example' } }))).toBeUndefined()
  const address = ownNetworkAddress()
  const local = meta(await byName('/', { headers: { host: 'localhost:8000' } }))
  expect(local).toEqual(address === null ? undefined : expect.stringMatching(`^http://${address}:\\d+$`))
  const inside = await serve(pageFolder(), { HOST: '127.0.0.1' })
  expect(meta(await inside('/', { headers: { host: 'localhost:8000' } }))).toBeUndefined()
  const named = await serve(pageFolder(), { PUBLIC_URL: 'https://poker.example/a&b' })
  expect(meta(await named('/'))).toBe('https://poker.example/a&amp;b')
})

test('a page that has not been built says so', async () => {
  const get = await serve(mkdtempSync(join(tmpdir(), 'magnapp-page-')))
  const { status, body } = await get('/s/abc')
  expect(status).toBe(404)
  expect(body.toString()).toMatch(/has not been built. Run "npm run build"/)
})

test('an address in a container network is never the server’s own', () => {
  const address = (text: string, internal = false) => [{ address: text, family: 'IPv4' as const, internal }]
  expect(
    ownNetworkAddress({
      lo: address('127.0.0.1', true),
      docker0: address('172.17.0.1'),
      wlan0: address('192.168.1.20'),
    } as never),
  ).toBe('192.168.1.20')
  expect(ownNetworkAddress({ lo: address('127.0.0.1', true) } as never)).toBeNull()
})
