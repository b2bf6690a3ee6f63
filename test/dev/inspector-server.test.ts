import { once } from 'node:events'
import http from 'node:http'
import { connect, Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import WebSocket from 'ws'
import { Inspector } from '../../src/dev/inspector/inspector.js'
import { isFromLoopback } from '../../src/dev/inspector/loopback.js'
import { systemClock } from '../../src/platform/clock.js'
import { createLogger } from '../../src/platform/logger.js'
import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { runCommand } from '../support/command.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { modulesRun } from '../support/modules-run.js'

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, systemClock)
let inspector: Inspector
let server: InProcess
let port: number

beforeEach(async () => {
  inspector = new Inspector(systemClock, logger)
  server = await startInProcess({
    inspection: inspector,
    environment: { RATE_LIMITING: 'false', HOST: '0.0.0.0' },
  })
  port = Number(new URL(server.url).port)
})
afterEach(() => server.stop())

interface Asked {
  readonly status: number
  readonly body: string
}

/** A request made by hand, since the test chooses the Host header and the address. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  host = '127.0.0.1',
  to = port,
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host, port: to, path, headers, agent: false })
    request.on('error', reject)
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, body: '' })
    })
    request.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
  })
}

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

const outsideAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

const ELSEWHERE: readonly [string, Record<string, string>][] = [
  ['a name that was pointed at this machine', { Host: 'evil.example' }],
  ['a name that only begins like this machine', { Host: 'localhost.evil.example' }],
  ['an address of the network', { Host: '192.0.2.7:8000' }],
  ['a proxy: X-Forwarded-For', { 'X-Forwarded-For': '127.0.0.1' }],
  ['a proxy: Forwarded', { Forwarded: 'for=127.0.0.1' }],
  ['a proxy: Via', { Via: '1.1 proxy' }],
  ['a page of another origin', { Origin: 'https://evil.example' }],
  ['a page without an origin', { Origin: 'null' }],
]

describe('requests from this machine', () => {
  test.each([
    ['its address', {}],
    ['its name, any port', { Host: 'localhost:1' }],
    ['its other address', { Host: '[::1]:8000' }],
    ['a page of this machine', { Origin: 'http://localhost:5173' }],
  ])('the page and the socket are there: %s', async (_name, headers) => {
    expect(await ask('/inspect', headers)).toMatchObject({
      status: 200,
      body: expect.stringContaining('inspector'),
    })
    expect((await ask('/inspect/socket', { ...UPGRADE, ...headers })).status).toBe(101)
  })

  test.each(['/inspect/page.css', '/inspect/main.js', '/inspect/charts/session.svg', '/inspect/'])(
    '%s is served under a strict policy',
    async (path) => {
      const response = await fetch(server.url + path)
      expect(response.status).toBe(200)
      const policy = response.headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).not.toContain('unsafe')
    },
  )
})

describe('for requests from elsewhere, the inspector does not exist:', () => {
  /** The API's answer for an unknown address, without what differs in every answer. */
  const plain = ({ status, body }: Asked) => ({
    status,
    body: body.replaceAll(/"(timestamp|request_id|instance)":"[^"]*"/g, ''),
  })

  test.each(ELSEWHERE)('%s', async (_name, headers) => {
    for (const path of ['/inspect', '/inspect/main.js', '/inspect/charts/session.svg']) {
      const answer = plain(await ask(path, headers))
      expect(answer.status).toBe(404)
      expect(answer).toEqual(plain(await ask('/nowhere', headers)))
    }
    const refused = plain(await ask('/inspect/socket', { ...UPGRADE, ...headers }))
    expect(refused.status).toBe(404)
    expect(refused).toEqual(plain(await ask('/nowhere', { ...UPGRADE, ...headers })))
    expect(inspector.clients.count).toBe(0)
  })

  const outsideTest = outsideAddress === undefined ? test.skip : test
  outsideTest('a peer whose address is not loopback, whatever it says', async () => {
    const headers = { Host: 'localhost' }
    expect((await ask('/health', headers, outsideAddress)).status).toBe(200)
    expect((await ask('/inspect', headers, outsideAddress)).status).toBe(404)
    expect((await ask('/inspect/socket', { ...UPGRADE, ...headers }, outsideAddress)).status).toBe(404)
  })

  test.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['::ffff:192.0.2.1', false],
    ['192.0.2.1', false],
    ['fe80::1', false],
    ['', false],
  ])('the peer %j: %j', (remoteAddress, isLocal) => {
    const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
    expect(isFromLoopback({ socket, headers: { host: 'localhost' } })).toBe(isLocal)
  })

  test('an upgrade to something else is answered as an ordinary request', async () => {
    expect((await ask('/health', UPGRADE)).status).toBe(200)
    expect((await ask('/inspect/other', UPGRADE)).status).toBe(404)
  })

  test.each(['h2c', 'websocket'])('a POST that offers to upgrade to %s keeps its body', async (protocol) => {
    const body = '{"name":"S","creator_name":"A","creator_avatar":"fox"}'
    const socket = connect(port, '127.0.0.1').setEncoding('utf8')
    socket.write(
      `POST /api/sessions HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABk\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 201 /)
    socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 /)
    socket.destroy()
  })
})

describe('the socket', () => {
  const url = () => `ws://127.0.0.1:${port}/inspect/socket`

  /** An open client and the frames it received. */
  async function follow() {
    const client = new WebSocket(url())
    // biome-ignore lint/suspicious/noExplicitAny: what a server sends is what the test is about
    const frames: any[] = []
    client.on('message', (data) => frames.push(JSON.parse(String(data))))
    await once(client, 'open')
    const until = async (isTrue: () => boolean) => {
      while (!isTrue()) await once(client, 'message')
    }
    return { client, frames, until }
  }

  test('sends a late client the list of actors first, then every event, transition and state', async () => {
    const api = new Api(server.url)
    const ada = await api.create()
    await api.command(ada, 'start')
    const { client, frames, until } = await follow()
    await until(() => frames.length === 2)
    expect(frames.map(({ type, name }) => [type, name])).toEqual([
      ['@xstate.actor', 'supervisor'],
      ['@xstate.actor', `session ${ada.sessionId}`],
    ])
    expect(frames[1]?.snapshot.tags).toEqual(['voting'])
    await api.command(ada, 'vote', { vote: '21' })
    await until(() => frames.at(-1)?.type === '@xstate.snapshot')
    expect(frames.slice(2).map(({ type, event }) => [type, event.type])).toEqual([
      ['@xstate.event', 'vote.cast'],
      ['@xstate.microstep', 'vote.cast'],
      ['@xstate.snapshot', 'vote.cast'],
    ])
    const all = JSON.stringify(frames)
    expect(all).not.toContain(ada.token)
    expect(all).not.toContain('"21"')
    client.close()
  })

  test('announces that an actor has ended', async () => {
    const api = new Api(server.url)
    const { frames, until, client } = await follow()
    const ada = await api.create()
    await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
    await until(() => frames.some(({ snapshot }) => snapshot?.status === 'done'))
    client.close()
  })

  test('that dies in the middle of a frame affects nothing else', async () => {
    const api = new Api(server.url)
    const { client, until, frames } = await follow()
    const doomed = connect({ port, host: '127.0.0.1' })
    const headers = Object.entries({ Host: 'localhost', ...UPGRADE }).map((pair) => pair.join(': '))
    doomed.write(`${['GET /inspect/socket HTTP/1.1', ...headers].join('\r\n')}\r\n\r\n`)
    await once(doomed, 'data')
    expect(inspector.clients.count).toBe(2)
    // The beginning of a masked frame that claims to be far larger than allowed.
    doomed.write(Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0]))
    doomed.on('error', () => {})
    await once(doomed, 'close')
    const ada = await api.create()
    await api.command(ada, 'start')
    await until(() => frames.some(({ event }) => event?.type === 'round.start'))
    expect(inspector.clients.count).toBe(1)
    expect(inspector.tap.faults).toBe(0)
    client.terminate()
  })

  test('that is not read is cut off once more than a mebibyte is waiting', async () => {
    const api = new Api(server.url)
    const ada = await api.create()
    const { client } = await follow()
    client.pause()
    const [host] = server.services.supervisor.sessions()
    let steps = 0
    while (inspector.clients.count > 0 && steps < 200_000) {
      for (let step = 0; step < 500; step += 1) {
        host?.propose({ type: 'session.extend', at: Date.now(), by: host.snapshot.context.scrumMasterId })
      }
      steps += 500
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(inspector.clients.count).toBe(0)
    expect((await api.session(ada.sessionId)).state_version).toBe(steps)
    client.terminate()
  })

  test('accepts eight clients', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, async () => (await follow()).client))
    expect((await ask('/inspect/socket', UPGRADE)).status).toBe(404)
    for (const client of clients) client.terminate()
  })

  test('does not keep a server from ending', async () => {
    const { client } = await follow()
    const closed = once(client, 'close')
    await server.stop()
    await closed
    server = await startInProcess()
  })
})

describe('the setting INSPECT', () => {
  const started: BuiltServer[] = []
  afterEach(async () => {
    for (const built of started.splice(0)) await built.stop()
  })
  const start = async (environment: Record<string, string>) => {
    const built = await startBuiltServer(environment)
    started.push(built)
    return built
  }

  test('is off by default: neither the inspector nor ws is loaded, and /inspect is unknown', async () => {
    const ofInspector = /src\/dev\/|node_modules\/ws\//
    const off = await modulesRun(async (environment) => {
      const built = await start(environment)
      expect((await fetch(`${built.url}/inspect`)).status).toBe(404)
      await built.stop()
    })
    expect(off).toContain('dist/src/server.js')
    expect(off.filter((module) => ofInspector.test(module))).toEqual([])
    const on = await modulesRun(async (environment) =>
      (await start({ ...environment, INSPECT: 'true' })).stop(),
    )
    expect(on).toContain('dist/src/dev/inspector/inspector.js')
    expect(on.some((module) => module.startsWith('node_modules/ws/'))).toBe(true)
  })

  test('cannot be true with NODE_ENV=production, but can be force', async () => {
    const refused = await runCommand([], {
      environment: { INSPECT: 'True', NODE_ENV: 'production', PORT: '0' },
    })
    expect(refused).toEqual({
      exitCode: 78,
      stdout: '',
      stderr: 'INSPECT is "true"; with NODE_ENV=production it may hold false or force\n',
    })
    const forced = await start({ INSPECT: 'force', NODE_ENV: 'production' })
    expect((await fetch(`${forced.url}/inspect`)).status).toBe(200)
  })
})
