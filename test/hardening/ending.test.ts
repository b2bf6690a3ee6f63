import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { NODE_LOST_MS } from '../../machines/session/presence.js'
import { Api } from '../support/api.js'
import { type BuiltServer, ENTRY, startBuiltServer } from '../support/built-server.js'
import { startInProcess } from '../support/in-process.js'
import { TestStream } from '../support/sse.js'

/** So long that a shutdown that waits for it fails the test. */
const LONG = '15'
const PROMPT_MS = 6_000

function connect(server: BuiltServer, head = ''): net.Socket {
  const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.on('error', () => {})
  if (head !== '') socket.write(head)
  return socket
}

/** Everything that comes until the connection ends. */
function allOf(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
  })
}

async function untilLogged(server: BuiltServer, text: string): Promise<void> {
  while (!server.output().includes(text)) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Why: an operator restarts many times a day; a client that asks for nothing must not make that wait. */
describe('the end is not held up by', () => {
  test.each([
    ['a connection that a browser opened in advance', ''],
    ['half a request head', 'GET /health HTTP/1.1\r\nHo'],
    ['an idle connection that is kept alive', 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s', async (_name, head) => {
    const server = await startBuiltServer({ SHUTDOWN_SECONDS: LONG })
    const socket = connect(server, head)
    await new Promise((resolve) => socket.once(head.endsWith('\r\n\r\n') ? 'data' : 'connect', resolve))
    // A request on another connection: by then the server has surely seen this one.
    await fetch(`${server.url}/health`)
    const startedAt = performance.now()
    expect(await server.stop()).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(PROMPT_MS)
    socket.destroy()
  })

  test('a reader that does not read', async () => {
    const server = await startBuiltServer({
      SHUTDOWN_SECONDS: LONG,
      RATE_LIMITING: 'false',
      LOG_REQUESTS: 'false',
    })
    const api = new Api(server.url)
    const ada = await api.create()
    await Promise.all(Array.from({ length: 15 }, () => api.join(ada.sessionId, 'x'.repeat(50))))
    const socket = net.connect({ port: Number(new URL(server.url).port), host: '127.0.0.1' })
    socket.pause()
    socket.on('error', () => {})
    socket.write(`GET /api/sse/${ada.sessionId} HTTP/1.1\r\nHost: x\r\n\r\n`)
    for (let sent = 0; sent < 2_000; sent += 20) {
      await Promise.all(Array.from({ length: 20 }, () => api.command(ada, 'extend')))
    }
    const startedAt = performance.now()
    expect(await server.stop()).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(PROMPT_MS)
    socket.destroy()
  }, 60_000)
})

describe('what is in flight at the end', () => {
  test('is answered: a long poll with what there is, and a body that was on its way too', async () => {
    const server = await startBuiltServer({ SHUTDOWN_SECONDS: LONG })
    const api = new Api(server.url)
    const ada = await api.create()
    const poll = api.request(`/api/sessions/${ada.sessionId}/events?after=0&wait_seconds=25`)
    const body = '{"user_name":"Bob","user_avatar":"owl"}'
    const socket = connect(
      server,
      `POST /api/sessions/${ada.sessionId}/join HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    )
    await new Promise((resolve) => socket.once('data', resolve))
    const answer = allOf(socket)
    const ended = server.stop()
    await untilLogged(server, 'draining')
    expect((await poll).body).toEqual({ events: [], state_version: 0, more: false })
    socket.write(body)
    expect(await answer).toMatch(/^HTTP\/1.1 503 .*SERVICE_UNAVAILABLE/s)
    expect(await ended).toBe(0)
  })

  test('a long poll that comes again and again on one connection is told not to', async () => {
    const server = await startBuiltServer({ SHUTDOWN_SECONDS: LONG })
    const ada = await new Api(server.url).create()
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const poll = () =>
      new Promise<http.IncomingMessage>((resolve, reject) => {
        const path = `/api/sessions/${ada.sessionId}/events?after=0&wait_seconds=25`
        http.get(server.url + path, { agent }, (answer) => resolve(answer.resume())).on('error', reject)
      })
    const first = poll()
    // A request on another connection: by then the poll is surely waiting.
    await fetch(`${server.url}/health`)
    const startedAt = performance.now()
    const ended = server.stop()
    expect((await first).headers.connection).toBe('close')
    await poll().catch(() => {})
    expect(await ended).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(PROMPT_MS)
    agent.destroy()
  })

  test('a command read before is carried out, and none after it', async () => {
    const server = await startInProcess()
    const { turn, supervisor } = server.services
    const api = new Api(server.url)
    const ada = await api.create()
    const at = turn.at.bind(turn)
    // The signal comes between the command's last byte and the end of that turn of the event loop.
    turn.at = (stage, work) => {
      at(stage, work)
      if (stage === 'commands') supervisor.drain()
    }
    expect((await api.post(`/api/sessions/${ada.sessionId}/start`, { by: ada })).status).toBe(200)
    expect((await api.post(`/api/sessions/${ada.sessionId}/reveal`, { by: ada })).status).toBe(503)
    await server.stop()
  })

  test('the server is not ready from then on, but alive', async () => {
    const server = await startInProcess()
    server.services.supervisor.drain()
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503)
    expect((await fetch(`${server.url}/livez`)).status).toBe(200)
    await server.stop()
  })

  test('a stream that still comes is told to come back before anybody is missed', async () => {
    const server = await startInProcess()
    const ada = await new Api(server.url).create()
    server.services.supervisor.drain()
    const stream = new TestStream(server.url, ada.sessionId, { token: ada.token })
    await stream.untilClosed()
    expect(stream.retry).toBeLessThan(NODE_LOST_MS / 2)
    await server.stop()
  })
})

/** Code that is injected into the process and runs on SIGUSR2. */
function fault(code: string): Record<string, string> {
  const module = `process.on('SIGUSR2', () => { ${code} })`
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(module)}` }
}

/** Why: nothing may be served from a state that nobody foresaw; the streams go to the next process. */
describe('an uncaught fault', () => {
  test.each([
    ['an error', "throw new Error('boom')"],
    ['a rejected promise', "Promise.reject(new Error('boom'))"],
    ['something that is not an error', "Promise.reject('boom')"],
  ])('%s is logged, the streams are told to come back, and the process exits 1', async (_name, code) => {
    const server = await startBuiltServer({ SHUTDOWN_SECONDS: LONG, ...fault(code) })
    const ada = await new Api(server.url).create()
    const stream = new TestStream(server.url, ada.sessionId, { token: ada.token })
    await stream.untilType('session_updated')
    expect(await server.stop('SIGUSR2')).toBe(1)
    await stream.untilClosed()
    expect(stream.comments).toContain('the server restarts')
    expect(server.output()).toMatch(/boom.*"msg":"uncaught"/)
    expect(server.output()).toMatch(/"msg":"stopped"/)
  })

  test('a second one while it drains ends it at once', async () => {
    const server = await startBuiltServer({ SHUTDOWN_SECONDS: '60', ...fault("throw new Error('boom')") })
    connect(server, 'POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{')
    await fetch(`${server.url}/health`)
    server.process.kill('SIGUSR2')
    await untilLogged(server, 'draining')
    expect(await server.stop('SIGUSR2')).toBe(1)
  })
})

describe('a log that nobody takes', () => {
  test('whose reader has gone: the server serves, and shuts down properly', async () => {
    const server = await startBuiltServer()
    server.process.stdout?.destroy()
    const api = new Api(server.url)
    const ada = await api.create()
    for (let count = 0; count < 50; count += 1) await api.command(ada, 'extend')
    expect(await server.stop()).toBe(0)
  })

  test('whose reader is stuck but still there: the server serves, and shuts down properly', async () => {
    const server = await startBuiltServer({ RATE_LIMITING: 'false' })
    server.process.stdout?.pause()
    const ask = () => fetch(`${server.url}/nowhere`).then((answer) => answer.arrayBuffer())
    // Several times what a pipe holds.
    for (let count = 0; count < 200; count += 1) await Promise.all(Array.from({ length: 10 }, ask))
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    const exited = new Promise((resolve) => server.process.once('exit', resolve))
    const startedAt = performance.now()
    server.process.kill('SIGTERM')
    expect(await exited).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(PROMPT_MS)
    server.process.stdout?.resume()
  })

  test('on a full disk: the server serves, and shuts down properly', async () => {
    const port = await freePort()
    const child = spawn(process.execPath, [ENTRY], {
      env: { PATH: process.env['PATH'], PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'debug' },
      cwd: __dirname,
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    })
    try {
      const exited = new Promise((resolve) => child.once('exit', resolve))
      const url = `http://127.0.0.1:${port}`
      while (!(await fetch(`${url}/livez`).catch(() => null))) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      const ada = await new Api(url).create()
      for (let count = 0; count < 500; count += 1) await new Api(url).command(ada, 'extend')
      child.kill('SIGTERM')
      expect(await exited).toBe(0)
    } finally {
      child.kill('SIGKILL')
    }
  })
})

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
