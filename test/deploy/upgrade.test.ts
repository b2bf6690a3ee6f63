import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type Certificate, selfSignedCertificate } from '../support/certificate.js'
import { type FrontProxy, HOST, type ProxyName, startFrontProxy } from '../support/front-proxy.js'
import { program } from '../support/programs.js'
import { exchange, statusOf } from '../support/raw-exchange.js'

const WEBSOCKET = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

/** Why: no rule of a proxy applies to an upgraded connection any more, and nothing here needs one. */
describe.each(['nginx', 'haproxy', 'caddy'] as const)('behind %s with the shipped file', (name) => {
  const path = program(name)
  if (path === null || program('openssl') === null) return test.skip('lets no upgrade pass', () => {})
  const stand = upgradableBehind(name, path)

  test.each([
    ['WebSocket', `Connection: Upgrade\r\nUpgrade: websocket\r\n${WEBSOCKET}`],
    ['WebSocket, in capitals', `Connection: UPGRADE\r\nUPGRADE: WEBSOCKET\r\n${WEBSOCKET}`],
    [
      'WebSocket, beside another word',
      `Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n${WEBSOCKET}`,
    ],
    [
      'h2c',
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n',
    ],
    ['an upgrade that Connection does not name', `Upgrade: websocket\r\n${WEBSOCKET}`],
    ['something made up', 'Connection: Upgrade\r\nUpgrade: tunnel\r\n'],
  ])('%s is a request like any other', async (_what, fields) => {
    const door = { port: stand.proxy.port, secure: { host: HOST, certFile: stand.certificate.certFile } }
    const ending = `GET /end HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`
    const received = await exchange(door, `GET /up HTTP/1.1\r\nHost: ${HOST}\r\n${fields}\r\n${ending}`)
    expect([statusOf(received), stand.upgrades]).toEqual([200, []])
    expect(stand.fields('/up')).toEqual([])
  })

  test('nor does the one of HTTP/2', async () => {
    const client = http2.connect(`https://127.0.0.1:${stand.proxy.port}`, {
      servername: HOST,
      ca: readFileSync(stand.certificate.certFile),
    })
    await once(client, 'remoteSettings')
    const tunnel = client.request(
      {
        ':method': 'CONNECT',
        ...(client.remoteSettings.enableConnectProtocol
          ? { ':protocol': 'websocket', ':path': '/up', ':scheme': 'https' }
          : {}),
        ':authority': HOST,
        'sec-websocket-version': '13',
      },
      { endStream: false },
    )
    const status = await new Promise<number | null>((resolve) => {
      tunnel.on('response', (headers) => resolve(Number(headers[':status'])))
      tunnel.on('error', () => {})
      tunnel.on('close', () => resolve(null))
    })
    client.destroy()
    expect([status === null || status >= 300, stand.upgrades]).toEqual([true, []])
  })
})

interface Stand {
  readonly proxy: FrontProxy
  readonly certificate: Certificate
  /** Paths of the upgrades that got through. */
  readonly upgrades: readonly string[]
  /** Hop-by-hop fields that got through with requests for a path. */
  fields(path: string): readonly string[]
}

/** A proxy in front of a server that grants every upgrade. */
function upgradableBehind(name: ProxyName, path: string): Stand {
  const upgrades: string[] = []
  const fields: { readonly path: string; readonly names: readonly string[] }[] = []
  const upstream = http.createServer((request, response) => {
    const names = ['upgrade', 'http2-settings'].filter((field) => request.headers[field] !== undefined)
    fields.push({ path: request.url ?? '', names })
    response.end('served')
  })
  upstream.on('upgrade', (request, socket) => {
    upgrades.push(request.url ?? '')
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  })
  let proxy: FrontProxy
  let certificate: Certificate
  beforeAll(async () => {
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const { port } = upstream.address() as AddressInfo
    certificate = selfSignedCertificate(HOST)
    proxy = await startFrontProxy(name, path, { upstreamPorts: [port], certificate })
  })
  afterAll(async () => {
    await proxy.stop()
    upstream.closeAllConnections()
    upstream.close()
    certificate.remove()
  })
  return {
    get proxy() {
      return proxy
    },
    get certificate() {
      return certificate
    },
    upgrades,
    fields: (of) => fields.filter(({ path: at }) => at === of).flatMap(({ names }) => names),
  }
}
