import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Certificate, selfSignedCertificate } from '../support/certificate.js'
import { type FrontProxy, freePort, HOST, startFrontProxy } from '../support/front-proxy.js'
import { Http2Api } from '../support/http2-api.js'
import { program } from '../support/programs.js'

const PATH = '/api/sessions/00000000-0000-4000-8000-000000000000/stories/1'
const SERVERS = 3

const nginx = program('nginx')
const describeHere = nginx === null || program('openssl') === null ? describe.skip : describe

/** Why: only its sender may repeat a command that may have been carried out, and only with its key. */
describeHere('nginx in front of several servers, with the shipped file', () => {
  const servers: http.Server[] = []
  /** Methods of the requests that came. */
  let came: string[]
  /** How many of the next requests are read, and then cut off. */
  let cuts: number
  let proxy: FrontProxy
  let certificate: Certificate
  let api: Http2Api

  async function listening(): Promise<number> {
    const server = http.createServer((request, response) => {
      request.resume().on('end', () => {
        came.push(request.method ?? '')
        cuts -= 1
        if (cuts >= 0) request.socket.destroy()
        else response.end('served')
      })
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  async function start(upstreamPorts: readonly number[]): Promise<void> {
    proxy = await startFrontProxy('nginx', nginx ?? '', { upstreamPorts, certificate })
    api = await Http2Api.connect({ host: HOST, port: proxy.port, certFile: certificate.certFile })
  }

  beforeEach(() => {
    came = []
    cuts = 0
    certificate = selfSignedCertificate(HOST)
  })

  afterEach(async () => {
    await api.close()
    await proxy.stop()
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
    certificate.remove()
  })

  test.each([
    ['POST', {}],
    ['PATCH', {}],
    ['PUT', {}],
    ['DELETE', undefined],
  ])('%s is sent once, whatever becomes of it', async (method, body) => {
    await start([await listening(), await listening(), await listening()])
    cuts = SERVERS
    const answer = await api.request(PATH, { method, body })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(answer.body.error_code).toBe('SERVICE_UNAVAILABLE')
    expect(came).toEqual([method])
    // The one that failed is left alone.
    cuts = 0
    expect((await api.request(PATH, { method, body })).text).toBe('served')
  })

  test('a request that only reads is passed to the next one', async () => {
    await start([await listening(), await listening(), await listening()])
    cuts = 1
    expect((await api.request(PATH)).text).toBe('served')
    expect(came).toEqual(['GET', 'GET'])
  })

  test.each(['POST', 'PATCH', 'GET'])('%s goes to the next one if nothing was sent', async (method) => {
    await start([await freePort(), await freePort(), await listening()])
    const answer = await api.request(PATH, { method })
    expect([answer.text, came]).toEqual(['served', [method]])
  })
})
