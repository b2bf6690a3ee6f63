import http from 'node:http'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { dial, exchange, statusOf } from '../support/raw-exchange.js'

let server: BuiltServer
let api: Api
let ada: Person

beforeAll(async () => {
  server = await startBuiltServer({ RATE_LIMITING: 'false', MAX_SESSIONS: '1000' })
  api = new Api(server.url)
})
afterAll(() => server.stop())
beforeEach(async () => {
  ada = await api.create()
  await api.command(ada, 'start')
})

const send = (path: string, body: string, type?: string) =>
  post(path, { body, headers: type === undefined ? {} : { 'Content-Type': type } })

/** Sends the body as given, without a type unless one is given. */
function post(
  path: string,
  { body, headers = {} }: { body: string; headers?: Record<string, string> },
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.request(`${server.url}/api/sessions/${ada.sessionId}/${path}`, {
      method: path === '' ? 'DELETE' : 'POST',
      headers: {
        Authorization: `Bearer ${ada.token}`,
        ...('Transfer-Encoding' in headers ? {} : { 'Content-Length': Buffer.byteLength(body) }),
        ...headers,
      },
      agent: false,
    })
    request.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
    request.end(body)
  })
}

const chunked = { 'Transfer-Encoding': 'chunked' }

describe('a body that the route asks for', () => {
  test.each([
    ['application/json', 200],
    ['Application/JSON', 200],
    ['application/json;charset=utf-8', 200],
    ['application/json; charset="utf-8"', 200],
    ['application/json; charset="UTF-8"', 200],
    ['application/json; Charset=UTF8', 200],
    ['application/json ; charset=utf-8; profile="a;charset=latin1"', 200],
    ['application/json; profile="charset=latin1"', 200],
    ['application/json; version=1', 200],
    ['application/json;', 200],
    ['application/json; charset="iso-8859-1"', 400],
    ['application/json; charset=utf-16', 400],
    ['application/json; charset="utf-8-latin"', 400],
    ['application/json; charset=""', 400],
    ['application/jsonp', 415],
    ['application/problem+json', 415],
    ['application/json, text/plain', 415],
    ['text/plain; a="application/json"', 415],
    ['text/plain', 415],
    ['', 415],
    [`application/json; a="${'x'.repeat(300)}"`, 415],
  ])('%s: %i', async (type, status) => {
    expect(await send('vote', '{"vote":"5"}', type)).toBe(status)
  })

  test('may have unknown members, whatever they hold', async () => {
    const unknown = { weight: 2, user_id: null, list: [1, [2]], deep: { er: {} } }
    expect(await send('vote', JSON.stringify({ vote: '5', ...unknown }), 'application/json')).toBe(200)
    const created = { name: 'S', creator_name: 'A', creator_avatar: 'fox' }
    expect((await api.post('/api/sessions', { body: { ...unknown, ...created } })).status).toBe(201)
    const joined = { user_name: 'B', user_avatar: 'owl' }
    const path = `/api/sessions/${ada.sessionId}/join`
    expect((await api.post(path, { body: { ...unknown, ...joined } })).status).toBe(201)
  })

  test.each(['', '{}', 'null', '{"client_state":null}', '{"client_state":null,"more":1}'])(
    'may be left out of reconnect: %j',
    async (body) => {
      expect(await send('reconnect', body, 'application/json')).toBe(200)
    },
  )

  test('in pieces and without a type is refused when it has bytes', async () => {
    expect(await post('vote', { body: '{"vote":"5"}', headers: chunked })).toBe(415)
  })
})

/** Why: clients of servers that read no body there send anything (null, a form, their own id). */
describe('a command that asks for no body', () => {
  const bodies = [
    ['nothing', ''],
    ['an object', '{}'],
    ['a member', '{"user_id":"x"}'],
    ['null', 'null'],
    ['a text', '"x"'],
    ['an array', '[]'],
    ['half an object', '{"user'],
    ['a form', 'a=1&b=2'],
    ['bytes that are not UTF-8', '\u00ff\u00fe'],
  ] as const

  test.each(bodies)('accepts %s, of any type, in one piece or several', async (_name, body) => {
    for (const type of [
      undefined,
      'application/json',
      'text/plain',
      'nonsense',
      'application/json; charset=latin1',
    ]) {
      expect(await send('extend', body, type)).toBe(200)
      const typed = type === undefined ? chunked : { ...chunked, 'Content-Type': type }
      expect(await post('extend', { body, headers: typed })).toBe(200)
    }
  })

  test('accepts one in any coding', async () => {
    expect(await post('extend', { body: 'x', headers: { 'Content-Encoding': 'gzip' } })).toBe(200)
  })

  test('refuses more than 16 KiB', async () => {
    expect(await send('extend', 'x'.repeat(16_384))).toBe(200)
    expect(await send('extend', 'x'.repeat(16_385))).toBe(413)
    expect(await post('extend', { body: 'x'.repeat(16_385), headers: chunked })).toBe(413)
  })

  test('is each of these', async () => {
    const bob = await api.join(ada.sessionId)
    const commands = ['reveal', 'pause', 'resume', 'extend', `kick/${bob.userId}`, 'leave']
    for (const command of commands)
      expect([command, await send(command, 'null', 'text/plain')]).toEqual([command, 200])
    ada = await api.create()
    expect(await send(`transfer?new_master_id=${ada.userId}`, 'null', 'text/plain')).toBe(200)
    expect(await send('', 'null', 'text/plain')).toBe(200)
  })
})

const door = () => ({ port: Number(new URL(server.url).port) })

/** A request's head, and whatever is given of its body. */
const octetsOf = (target: string, fields: readonly string[], body: string) =>
  [`${target} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${ada.token}`, ...fields, '', body].join('\r\n')

/** A body in chunks of this size, without its end. */
const chunksOf = (size: number, count: number) =>
  `${size.toString(16)}\r\n${' '.repeat(size)}\r\n`.repeat(count)

const inChunks = ['Content-Type: application/json', 'Transfer-Encoding: chunked']

/** Why: a chunk takes some hundred bytes of memory and some microseconds, however little is in it. */
describe('a body in chunks', () => {
  test('of one byte each is refused, whatever the limit of the route', async () => {
    const id = ada.sessionId
    for (const target of [`POST /api/sessions/${id}/vote`, `POST /api/sessions/${id}/stories`]) {
      const received = await exchange(door(), octetsOf(target, inChunks, chunksOf(1, 300)))
      expect(statusOf(received)).toBe(400)
      expect(received).toContain('too many small pieces')
    }
  })

  test('of a size that a network makes is accepted', async () => {
    const target = `POST /api/sessions/${ada.sessionId}/vote`
    const whole = `${chunksOf(64, 200)}c\r\n{"vote":"5"}\r\n0\r\n\r\n`
    const fields = [...inChunks, 'Connection: close']
    expect(statusOf(await exchange(door(), octetsOf(target, fields, whole)))).toBe(200)
  })

  test('is not accepted where nothing is sent', async () => {
    for (const target of ['GET /livez', 'HEAD /livez', `GET /api/sse/${ada.sessionId}`])
      expect(statusOf(await exchange(door(), octetsOf(target, inChunks, '')))).toBe(400)
  })

  test('behind an unfinished answer ends the connection', async () => {
    const poll = `GET /api/sessions/${ada.sessionId}/events?after=99&wait_seconds=25`
    const behind = octetsOf('POST /nowhere', inChunks, chunksOf(1, 10))
    expect(await exchange(door(), octetsOf(poll, [], '') + behind)).toBe('')
  })
})

/** Why: Node.js goes on reading what nobody waits for. */
describe('after an answer that did not wait for the body', () => {
  test('the connection is closed if chunks go on and on', async () => {
    const received = await exchange(
      door(),
      octetsOf('POST /nowhere', ['Transfer-Encoding: chunked'], chunksOf(1_000, 10)),
    )
    expect(statusOf(received)).toBe(404)
  })

  test('it stays open for a body that ends', async () => {
    const socket = await dial(door())
    const fields = ['Content-Length: 10']
    socket.write(octetsOf('POST /nowhere', fields, 'x'.repeat(5)))
    let received = ''
    for await (const chunk of socket) {
      received += String(chunk)
      if (received.split('HTTP/1.1').length === 2) {
        await new Promise((resolve) => setTimeout(resolve, 700))
        socket.write(`${'x'.repeat(5)}${octetsOf('GET /livez', ['Connection: close'], '')}`)
      }
    }
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200'])
  })
})

/** Why: a mebibyte from anybody, whole or not, would be kept and read for nothing. */
test.each([
  ['stories', 'application/json'],
  ['stories/import', 'text/csv'],
])('more than 64 KiB of a body of %s is received only with a proof', async (path, type) => {
  const fields = [`Content-Type: ${type}`, 'Content-Length: 1000000', 'Connection: close']
  const begun = (id: string) => octetsOf(`POST /api/sessions/${id}/${path}`, fields, 'x'.repeat(70_000))
  const stranger = begun(ada.sessionId).replace(ada.token, 'y'.repeat(43))
  expect(statusOf(await exchange(door(), stranger))).toBe(403)
  expect(statusOf(await exchange(door(), begun('4bba2d53-3b9e-4b0f-8d9a-2d2c0f1c7f4e')))).toBe(404)
  const whole = begun(ada.sessionId) + 'x'.repeat(930_000)
  expect(statusOf(await exchange(door(), whole))).toBe(type === 'text/csv' ? 422 : 400)
})

/** Why: each is kept in memory until it is whole. */
test('thirty-two large bodies may arrive at a time', async () => {
  const target = `POST /api/sessions/${ada.sessionId}/stories`
  const fields = ['Content-Type: application/json', 'Content-Length: 70000', 'Connection: close']
  const begun = octetsOf(target, fields, ' '.repeat(69_999))
  const sockets = await Promise.all(
    Array.from({ length: 32 }, async () => {
      const socket = await dial(door())
      socket.write(begun)
      return socket
    }),
  )
  const another = () => exchange(door(), `${begun}x`)
  while (statusOf(await another()) !== 503) await new Promise((resolve) => setTimeout(resolve, 20))
  for (const socket of sockets) socket.destroy()
  while (statusOf(await another()) !== 400) await new Promise((resolve) => setTimeout(resolve, 20))
})
