import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { startBuiltServer } from '../support/built-server.js'
import { selfSignedCertificate } from '../support/certificate.js'
import { runCommand } from '../support/command.js'
import { testWith } from '../support/programs.js'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** @returns its port, on every loopback address */
async function listening(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  return address.port
}

const answering = (status: number): RequestListener => {
  return (request, response) =>
    response.writeHead(request.url === '/readyz' ? status : 200).end('{"capacity":1}')
}

const HEALTHY = `✓ Basic health check passed - 200
✓ API endpoints accessible
✓ Capacity monitoring functional
✓ Ready for requests

Health Check Summary (now)
Overall Status: ✓ HEALTHY
  basic_health: ✓
  api_endpoints: ✓
  capacity_check: ✓
  readiness: ✓
`

const withoutTime = (text: string) => text.replace(/\(\d{4}-\S+Z\)/, '(now)')

describe('magnapp health', () => {
  test.each([
    ['0.0.0.0', '127.0.0.1'],
    ['::', '[::1]'],
  ])('asks the server that the environment describes: HOST=%s at %s', async (HOST, host) => {
    const server = await startBuiltServer({ HOST })
    const { port } = new URL(server.url)
    const { exitCode, stdout, stderr } = await runCommand(['health'], { environment: { HOST, PORT: port } })
    expect(withoutTime(stdout)).toBe(HEALTHY)
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(host).not.toBe(HOST)
    expect(await server.stop()).toBe(0)
  })

  test('ends with 1 for a server that is not ready', async () => {
    const url = `http://localhost:${await listening(createServer(answering(503)))}`
    const { exitCode, stdout } = await runCommand(['health', '--url', url])
    expect(withoutTime(stdout)).toBe(
      HEALTHY.replace('✓ Ready for requests\n', '')
        .replace('✓ HEALTHY', '✗ UNHEALTHY')
        .replace('readiness: ✓', 'readiness: ✗'),
    )
    expect(exitCode).toBe(1)
  })

  test.each(['/health', '/api/sessions', '/api/health/capacity'])(
    'ends with 1 for an error at %s',
    async (path) => {
      const server = createServer((request, response) => {
        const isBroken = request.url === path
        response.writeHead(isBroken ? 500 : 200).end(isBroken ? '{}' : '{"capacity":1}')
      })
      const url = `http://localhost:${await listening(server)}`
      const { exitCode, stdout } = await runCommand(['health', '--url', url])
      expect(stdout).toContain('Overall Status: ✗ UNHEALTHY')
      expect(stdout.match(/✗/g)).toHaveLength(2)
      expect(exitCode).toBe(1)
    },
  )

  test('reads an endless list of sessions no further than it must', async () => {
    const server = createServer((request, response) => {
      response.writeHead(200)
      if (request.url !== '/api/sessions') return void response.end('{"capacity":1}')
      // A write to a lost connection calls back too, in the same turn, and so on without end.
      const more = (error?: Error | null) => {
        if (!error) response.write('x'.repeat(65_536), more)
      }
      more()
    })
    const url = `http://localhost:${await listening(server)}`
    expect((await runCommand(['health', '--url', url])).exitCode).toBe(0)
  })

  test('says why nobody answers, and ends with 1', async () => {
    const { exitCode, stdout } = await runCommand(['health'], { environment: { PORT: '1' } })
    expect([exitCode, stdout]).toEqual([1, '✗ Health check failed: http://127.0.0.1:1: ECONNREFUSED\n'])
  })

  test('ends with 1, after 3 s, if a server accepts the connection and says nothing', async () => {
    const port = await listening(createServer(() => {}))
    const startedAt = Date.now()
    const { exitCode, stdout } = await runCommand(['health'], { environment: { PORT: String(port) } })
    expect([exitCode, stdout]).toEqual([
      1,
      `✗ Health check failed: http://127.0.0.1:${port}: nothing within 3 s\n`,
    ])
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(3_000)
  })

  test('prints no credentials from the URL', async () => {
    const { stdout } = await runCommand(['health', '--url', 'http://ada:secret@127.0.0.1:1'])
    expect(stdout).toBe('✗ Health check failed: http://127.0.0.1:1: ECONNREFUSED\n')
  })

  test('says what to do about a port that only the running server knows', async () => {
    const { exitCode, stderr } = await runCommand(['health'], { environment: { PORT: '0' } })
    expect(exitCode).toBe(64)
    expect(stderr).toContain('say with --url where the server is')
  })

  test('reports the faults of an invalid environment, and ends with 78', async () => {
    const { exitCode, stderr } = await runCommand(['health'], { environment: { PORT: 'x' } })
    expect(exitCode).toBe(78)
    expect(stderr).toMatch(/^PORT is "x"; /)
  })

  testWith('openssl')('accepts the server’s own self-signed certificate', async () => {
    const { keyFile, certFile, remove } = selfSignedCertificate()
    const tls = { key: readFileSync(keyFile), cert: readFileSync(certFile) }
    const port = String(await listening(createTlsServer(tls, answering(200))))
    const environment = { PORT: port, SSL_KEYFILE: keyFile, SSL_CERTFILE: certFile }
    for (const args of [['health'], ['health', '--url', `https://localhost:${port}`]]) {
      const { exitCode, stdout } = await runCommand(args, { environment })
      expect(stdout).toContain('Overall Status: ✓ HEALTHY')
      expect(exitCode).toBe(0)
    }
    remove()
  })
})
