import { readdirSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import express from 'express'
import { Page } from '../../src/http/pages/page.js'
import { madePageFile } from '../../src/http/pages/page-file.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'

let server: BuiltServer

beforeAll(async () => {
  server = await startBuiltServer({ RATE_LIMITING: 'false' })
})
afterAll(() => server.stop())

/** Requests without the decompression that `fetch` does by itself. */
function ask(
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: OutgoingHttpHeaders } = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    asked.on('error', reject).end()
  })
}

const FILES = [
  ['/docs', 'text/html; charset=utf-8', 'no-cache'],
  ['/docs/start.js', 'text/javascript; charset=utf-8', 'public, max-age=3600'],
  ['/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', 'public, max-age=3600'],
  ['/docs/swagger-ui.css', 'text/css; charset=utf-8', 'public, max-age=3600'],
  ['/openapi.json', 'application/json; charset=utf-8', 'no-cache'],
] as const

describe.each(FILES)('%s', (path, type, cacheControl) => {
  test('comes in the shortest form that the client accepts, and whole in every form', async () => {
    const plain = await ask(path)
    expect(plain.status).toBe(200)
    expect(plain.headers).toMatchObject({
      'content-type': type,
      'cache-control': cacheControl,
      'content-length': String(plain.body.length),
      'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self'/),
    })
    expect(plain.headers['content-encoding']).toBeUndefined()
    const decoded: Record<string, (bytes: Buffer) => Buffer> = { br: brotliDecompressSync, gzip: gunzipSync }
    for (const [accepted, coding] of [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, GZIP;q=0.5', 'gzip'],
      ['br;q=0.000, deflate', undefined],
    ] as const) {
      const { headers, body } = await ask(path, { headers: { 'Accept-Encoding': accepted } })
      // What compression does not shorten is sent as it is, whoever asks.
      if (headers['content-encoding'] !== undefined) expect(headers['content-encoding']).toBe(coding)
      const whole = (decoded[String(headers['content-encoding'])] ?? ((bytes) => bytes))(body)
      expect(whole.equals(plain.body)).toBe(true)
      expect(headers['vary']).toMatch(body.length < plain.body.length ? /Accept-Encoding/ : /Origin/)
    }
  })

  test('is not sent again to a client that has it in that form', async () => {
    const { headers } = await ask(path, { headers: { 'Accept-Encoding': 'br' } })
    const known = { 'Accept-Encoding': 'br', 'If-None-Match': String(headers['etag']) }
    const again = await ask(path, { headers: known })
    expect(again).toMatchObject({ status: 304, body: Buffer.alloc(0) })
    expect(again.headers).toMatchObject({ etag: headers['etag'], 'cache-control': cacheControl })
    expect((await ask(path, { headers: { ...known, 'If-None-Match': '"other"' } })).status).toBe(200)
  })

  test('is found with a trailing slash but in no other case, and HEAD is GET without the body', async () => {
    const { headers } = await ask(path)
    expect((await ask(`${path}/`)).headers['etag']).toBe(headers['etag'])
    expect((await ask(path.toUpperCase())).status).toBe(404)
    const head = await ask(path, { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    expect(head.headers['content-length']).toBe(headers['content-length'])
  })

  test.each(['POST', 'PUT', 'DELETE'])('refuses %s', async (method) => {
    const { status, headers, body } = await ask(path, { method })
    expect(status).toBe(405)
    expect(headers['allow']).toBe('GET, HEAD')
    expect(JSON.parse(body.toString()).error_code).toBe('METHOD_NOT_ALLOWED')
  })
})

test('a thousand pipelined requests with unread answers keep no file open', async () => {
  const opened = () => readdirSync(`/proc/${server.process.pid}/fd`).length
  const before = opened()
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname).pause()
  socket.on('error', () => {})
  socket.write('GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000))
  await pause(300)
  // The connection itself takes one descriptor.
  expect(opened()).toBeLessThanOrEqual(before + 1)
  socket.destroy()
})

describe('a page', () => {
  async function served(page: Page): Promise<{ url: string; close: () => void }> {
    const listening = createServer(express().use(page.routes)).listen(0, '127.0.0.1')
    await new Promise((resolve) => listening.once('listening', resolve))
    const { port } = listening.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}`, close: () => listening.close() }
  }

  test('reads each file once, ahead of the first request, and retries one that could not be read', async () => {
    let reads = 0
    const page = new Page({
      policy: { 'default-src': "'none'" },
      entries: [
        {
          paths: ['/', '/s/:session_id'],
          keeping: 'until_changed',
          read: () => {
            reads += 1
            if (reads === 1) throw new Error('no descriptor is left')
            return madePageFile('page.html', '<title>page</title>')
          },
          adapt: (file, { path }) => (path === '/' ? file : madePageFile('page.html', path)),
        },
      ],
    })
    page.readAll()
    const { url, close } = await served(page)
    expect(await (await fetch(url)).text()).toBe('<title>page</title>')
    expect(await (await fetch(`${url}/s/1`)).text()).toBe('/s/1')
    page.readAll()
    expect(reads).toBe(2)
    close()
  })

  test('takes no files of a kind that pages do not have, and none that are too large', () => {
    expect(() => madePageFile('page.php', '')).toThrow('no files like page.php')
    expect(() => madePageFile('page.html', 'x'.repeat(9 * 1_024 * 1_024))).toThrow('too many')
  })
})
