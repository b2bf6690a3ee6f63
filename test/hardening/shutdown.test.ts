import { spawnSync } from 'node:child_process'
import net from 'node:net'
import { join } from 'node:path'
import { Api } from '../support/api.js'
import { ENTRY, startBuiltServer } from '../support/built-server.js'
import { TestStream } from '../support/sse.js'

describe('the process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s tells the streams to come back and exits 0',
    async (signal) => {
      const server = await startBuiltServer({ SHUTDOWN_SECONDS: '5' })
      const api = new Api(server.url)
      const ada = await api.create()
      const streams = Array.from(
        { length: 20 },
        () => new TestStream(server.url, ada.sessionId, { token: ada.token }),
      )
      await Promise.all(streams.slice(-8).map((stream) => stream.untilType('session_updated')))
      const startedAt = Date.now()
      expect(await server.stop(signal)).toBe(0)
      expect(Date.now() - startedAt).toBeLessThan(5_000)
      await Promise.all(streams.map((stream) => stream.untilClosed()))
      const retries = streams.slice(-8).map((stream) => stream.retry)
      expect(new Set(retries).size).toBeGreaterThan(1)
      for (const retry of retries) expect(retry).toBeGreaterThanOrEqual(1_000)
    },
  )

  test('it does not exit before its last lines are written, in order', () => {
    const platform = join(__dirname, '../../dist/src/platform')
    // Were it a file, a write would wait for the pool's only thread, which is busy.
    const script = `
      import { pbkdf2 } from 'node:crypto'
      import pino from 'pino'
      import { standardOutput } from '${platform}/log-destination.js'
      import { endInOrder } from '${platform}/process-end.js'
      pbkdf2('', '', 100_000, 64, 'sha512', () => {})
      endInOrder(async () => {}, pino({}, standardOutput()))
      process.kill(process.pid, 'SIGTERM')
      setTimeout(() => {}, 5_000)
    `
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: __dirname,
      env: { UV_THREADPOOL_SIZE: '1' },
      encoding: 'utf8',
    })
    const messages = [...stdout.matchAll(/"msg":"(\w+)"/g)].map(([, message]) => message)
    expect([status, messages]).toEqual([0, ['draining', 'stopped']])
  })

  test('a request that never ends does not delay it beyond SHUTDOWN_SECONDS', async () => {
    const server = await startBuiltServer({ SHUTDOWN_SECONDS: '0.5' })
    const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await server.stop()).toBe(0)
  })

  test('a second signal ends it at once', async () => {
    const server = await startBuiltServer({ SHUTDOWN_SECONDS: '60' })
    const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{')
    await new Promise((resolve) => setTimeout(resolve, 50))
    server.process.kill('SIGTERM')
    while (!server.output().includes('draining')) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await server.stop('SIGTERM')).toBe(1)
  })

  test('a port already in use: one line, exit 1', async () => {
    const server = await startBuiltServer()
    const { status, stdout } = run({ PORT: new URL(server.url).port })
    expect(status).toBe(1)
    expect(stdout).toMatch(/EADDRINUSE/)
    await server.stop()
  })

  test('an invalid configuration: one line per fault, naming variable, value and what it may hold', () => {
    const { status, stderr } = run({
      PORT: '65536',
      MAX_SESSIONS: 'many',
      SESSION_TIMEOUT_MINUTES: '-1',
      IDENTITY: 'none',
      CORS_ORIGINS: 'http://localhost',
      LOG_LEVEL: 'loud',
      RATE_LIMITING: 'perhaps',
    })
    expect(status).toBe(78)
    expect(stderr.trim().split('\n')).toEqual([
      'PORT is "65536"; it may hold a whole number from 0 to 65535',
      'MAX_SESSIONS is "many"; it may hold a whole number from 1 to 100000',
      expect.stringMatching(/^SESSION_TIMEOUT_MINUTES is "-1"; it may hold minutes from/),
      'IDENTITY is "none"; it may hold token or open',
      expect.stringMatching(/^CORS_ORIGINS is "http:\/\/localhost"; it may hold a JSON list of origins/),
      expect.stringMatching(/^RATE_LIMITING is "perhaps"; it may hold true or false/),
      expect.stringMatching(/^LOG_LEVEL is "loud"; it may hold one of/),
    ])
  })
})

function run(environment: Record<string, string>) {
  return spawnSync(process.execPath, [ENTRY], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', ...environment },
    cwd: __dirname,
    encoding: 'utf8',
    timeout: 10_000,
  })
}
