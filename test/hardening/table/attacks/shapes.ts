import { strict as assert } from 'node:assert'
import { exchange } from '../../../support/raw-exchange.js'
import { type Attack, family } from '../attack.js'
import type { Target } from '../target.js'

/** What the proxies' files answer to a host that is not theirs. */
const MISDIRECTED = 421
const SECOND = 'GET /health HTTP/1.1\r\nHost: second\r\n\r\n'

/** A request whose end two readers could see in different places, with another one inside it. */
function smuggled(octets: string, isRefused = true) {
  return async (target: Target) => {
    const host = target.door.secure?.host ?? `127.0.0.1:${target.door.port}`
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => exchange(target.door, octets.replace('HOST', host)).catch(() => '')),
    )
    for (const answer of answers) {
      const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
      // A proxy that saw the second one too, and refuses its host, was not bypassed.
      const others = statuses.slice(1).filter((status) => status !== MISDIRECTED)
      assert.deepEqual(others, [], `several answers: ${statuses.join()}`)
      if (isRefused) assert.ok((statuses[0] ?? 400) >= 400, `answered ${statuses.join()}`)
      assert.ok(!answer.includes('uptime_seconds'), 'the request inside was answered')
    }
  }
}

const post = (fields: string, body: string) =>
  `POST /api/sessions HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n${fields}\r\n\r\n${body}`
const CHUNKED = `0\r\n\r\n${SECOND}`

/** Not accepted; a proxy that speaks HTTP/2 answers its preface with settings. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those of a frame's head
const REFUSED = /^(?:HTTP\/1\.[01] [34]\d\d|\0\0.\x04\0|$)/s

/** Octets that are not a request of this protocol. */
function nonsense(octets: string) {
  return async (target: Target) => {
    while (target.isOn) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => exchange(target.door, octets).catch(() => '')),
      )
      for (const answer of answers) assert.match(answer, REFUSED)
    }
  }
}

/** Why: two parsers that read one connection differently are a way past the one in front. */
export const SHAPES: readonly Attack[] = [
  ...family('smuggling', {
    'both lengths': smuggled(post('Content-Length: 5\r\nTransfer-Encoding: chunked', CHUNKED)),
    'both lengths, the other way round': smuggled(
      post('Transfer-Encoding: chunked\r\nContent-Length: 5', CHUNKED),
    ),
    'two lengths': smuggled(post('Content-Length: 0\r\nContent-Length: 40', SECOND)),
    'two lengths in one field': smuggled(post('Content-Length: 0, 40', SECOND)),
    'a length with a sign': smuggled(post('Content-Length: +0', SECOND)),
    'a length in hexadecimal': smuggled(post('Content-Length: 0x0', SECOND)),
    'a length with a letter behind it': smuggled(post('Content-Length: 0a', SECOND)),
    'a length below zero': smuggled(post('Content-Length: -1', SECOND)),
    'a coding that is not known': smuggled(post('Transfer-Encoding: xchunked', CHUNKED)),
    'a coding behind the last': smuggled(post('Transfer-Encoding: chunked, identity', CHUNKED)),
    'a coding twice': smuggled(post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', CHUNKED)),
    'a coding with a vertical tab': smuggled(post('Transfer-Encoding: \u000bchunked', CHUNKED)),
    'a space before the colon': smuggled(post('Content-Length : 0', SECOND)),
    'a folded field': smuggled(post('X: a\r\n Content-Length: 0\r\nTransfer-Encoding:\r\n chunked', CHUNKED)),
    'a bare carriage return in a field': smuggled(post('X: a\rTransfer-Encoding: chunked', '')),
    'a null in a field': smuggled(post('X: a\u0000b', '')),
    'a chunk size with a sign': smuggled(post('Transfer-Encoding: chunked', `+0\r\n\r\n${SECOND}`)),
    'a chunk size that overflows': smuggled(
      post('Transfer-Encoding: chunked', `10000000000000000\r\n\r\n${SECOND}`),
    ),
    'a chunk size with a space in it': smuggled(post('Transfer-Encoding: chunked', `0 0\r\n\r\n${SECOND}`)),
    'a chunk that ends without its line': smuggled(
      post('Transfer-Encoding: chunked', `2\r\n{}0\r\n\r\n${SECOND}`),
    ),
    'lines that end with a line feed alone': smuggled(
      post('Content-Length: 2\nTransfer-Encoding: chunked', CHUNKED),
    ),
    'two Hosts': smuggled(
      `GET /api/sessions HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
    ),
    'another version': smuggled(
      `GET /api/sessions HTTP/1.2\r\nHost: HOST\r\nConnection: close\r\n\r\n`,
      false,
    ),
  }),
  ...family('other protocols', {
    'the preface of HTTP/2': nonsense(
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000',
    ),
    'a TLS hello': nonsense(`\u0016\u0003\u0001\u0002\u0000\u0001\u0000${'\u0001'.repeat(600)}`),
    'a tunnel': nonsense(
      'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    ),
    TRACE: nonsense('TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'),
    'a redis command': nonsense('*1\r\n$4\r\nPING\r\n'),
    'an SMTP greeting': nonsense('EHLO evil.example\r\n'),
    'octets of any kind': nonsense('\u0000\u00ff\u0080\u0001'.repeat(500)),
    'upgrades to h2c': async (target) =>
      target.repeat(
        target.octets('GET', '/health', {
          fields: [
            'Connection: Upgrade, HTTP2-Settings',
            'Upgrade: h2c',
            'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
          ],
        }),
      ),
    'upgrades to WebSocket': async (target) =>
      target.repeat(
        target.octets('GET', `/api/sse/${target.sessionId}`, {
          fields: [
            'Connection: Upgrade',
            'Upgrade: websocket',
            'Sec-WebSocket-Version: 13',
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          ],
        }),
        { connections: 20, each: 1 },
      ),
    'garbage behind a stream': async (target) => {
      const sockets = await target.connections(20, target.octets('GET', `/api/sse/${target.sessionId}`))
      while (target.isOn) {
        for (const socket of sockets) if (!socket.destroyed) socket.resume().write('\u0000'.repeat(4_000))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    'requests behind a stream, without an end': async (target) => {
      const sockets = await target.connections(8, target.octets('GET', `/api/sse/${target.sessionId}`))
      const next = target.octets('GET', '/health').repeat(20)
      while (target.isOn) {
        for (const socket of sockets) if (!socket.destroyed) socket.resume().write(next)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    'a body behind a stream, without an end': async (target) => {
      const octets = target.octets('GET', `/api/sse/${target.sessionId}`, {
        fields: ['Transfer-Encoding: chunked'],
      })
      const sockets = await target.connections(20, octets)
      while (target.isOn) {
        for (const socket of sockets)
          if (!socket.destroyed) socket.resume().write(`1000\r\n${'x'.repeat(4_096)}\r\n`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
  }),
]
