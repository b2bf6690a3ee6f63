import net from 'node:net'
import { Api } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { TestStream } from '../support/sse.js'

const PATIENCE = {
  headersMs: 300,
  requestMs: 600,
  keepAliveMs: 400,
  handshakeMs: 300,
  stallMs: 500,
  lookMs: 50,
}
const SLOW_CLIENTS = 200

let server: InProcess

afterEach(() => server.stop())

interface SlowClient {
  readonly socket: net.Socket
  /** What it was answered, once the connection has ended. */
  readonly answer: Promise<string>
}

/** Sends the beginning, then a byte every now and then, for ever. */
function slowClient(url: string, beginning: string): SlowClient {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(beginning)
  const drip = setInterval(() => socket.write('x'), 100)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  const answer = new Promise<string>((resolve) => {
    socket.on('close', () => {
      clearInterval(drip)
      resolve(text)
    })
  })
  return { socket, answer }
}

/** Why: whoever opens connections and never finishes a request takes places from everybody (slowloris). */
describe('clients that are slow on purpose', () => {
  test.each([
    ['with the head', 'GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ', PATIENCE.headersMs],
    [
      'with the body',
      'POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{',
      PATIENCE.requestMs,
    ],
  ])('%s are cut in time, and hold nobody else up', async (_name, beginning, patienceMs) => {
    server = await startInProcess({ environment: { RATE_LIMITING: 'false' }, patience: PATIENCE })
    const api = new Api(server.url)
    const startedAt = performance.now()
    const slow = Array.from({ length: SLOW_CLIENTS }, () => slowClient(server.url, beginning))
    const ada = await api.create()
    await api.command(ada, 'start')
    for (const answer of await Promise.all(slow.map((client) => client.answer))) {
      expect(answer).toMatch(/^HTTP\/1.1 408 /)
    }
    expect(performance.now() - startedAt).toBeGreaterThan(patienceMs - 50)
    expect((await api.session(ada.sessionId)).status).toBe('voting')
  })

  test('to take their answers are cut; a stream may be silent for longer', async () => {
    server = await startInProcess({ patience: PATIENCE })
    const ada = await new Api(server.url).create()
    const stream = await new TestStream(server.url, ada.sessionId).untilType('session_updated')
    const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.on('error', () => {}).pause()
    // More than the system's buffers hold, and with the stream as many as may wait behind one.
    const asked = 8
    const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
    socket.write(request('/docs/swagger-ui-bundle.js').repeat(asked) + request(`/api/sse/${ada.sessionId}`))
    const { telemetry } = server.services
    const over = () =>
      telemetry.requests
        .filter(({ endpoint }) => endpoint === 'none')
        .flatMap(({ byStatus }) => [...byStatus.values()])
        .reduce((sum, one) => sum + one, 0)
    while (over() < asked) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(stream.isClosed).toBe(false)
    stream.close()
    socket.destroy()
  })

  test('to ask again are cut, and one that asks again is not', async () => {
    server = await startInProcess({ patience: PATIENCE })
    const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1')
    const closed = new Promise((resolve) => socket.on('close', resolve))
    for (let request = 0; request < 3; request += 1) {
      socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
      await new Promise((resolve) => socket.once('data', resolve))
    }
    await closed
  })
})

test('beyond MAX_STREAMS and 2,000 more, connections are closed at once; when some end there is room', async () => {
  server = await startInProcess({ environment: { MAX_STREAMS: '1' } })
  const port = Number(new URL(server.url).port)
  const open = async () => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('connect', resolve))
    return socket
  }
  const sockets: net.Socket[] = []
  for (let count = 0; count < 2_001; count += 1) sockets.push(await open())
  const extra = await open()
  await new Promise((resolve) => extra.on('close', resolve))
  for (const socket of sockets.splice(0, 10)) socket.destroy()
  while (!(await fetch(`${server.url}/health`).catch(() => null))) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  for (const socket of sockets) socket.destroy()
}, 30_000)
