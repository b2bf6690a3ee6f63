import net from 'node:net'
import { reset } from '../../../support/raw-exchange.js'
import { type Attack, family } from '../attack.js'
import type { Target } from '../target.js'

/** Connections that send one more piece, again and again. */
function dripping(count: number, begin: (target: Target) => string, piece: (round: number) => string) {
  return async (target: Target) => {
    const sockets = await target.connections(count, begin(target))
    for (let round = 0; target.isOn; round += 1) {
      for (const socket of sockets) if (!socket.destroyed) socket.write(piece(round))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

const create =
  (...fields: string[]) =>
  (target: Target) =>
    `${target.octets('POST', '/api/sessions', { fields: ['Content-Type: application/json', ...fields] })}`

/** Why: whoever sends a request slowly must not keep others from sending theirs. */
export const SLOW: readonly Attack[] = [
  ...family('slow requests', {
    'connections that say nothing': async (target) => {
      await target.connections(400)
      await target.wait()
    },
    'connections without a handshake': async (target) => {
      const sockets = Array.from({ length: 400 }, () =>
        net.connect({ host: '127.0.0.1', port: target.door.port, localAddress: target.door.from }),
      )
      for (const socket of sockets) socket.on('error', () => {}).write('\u0016\u0003\u0001')
      await target.wait()
      for (const socket of sockets) socket.destroy()
    },
    'heads, letter by letter': dripping(
      300,
      () => 'GET /hea',
      () => 'l',
    ),
    'heads without an end': dripping(
      200,
      (target) => target.octets('GET', '/health').slice(0, -2),
      (round) => `X-${round}: ${'x'.repeat(100)}\r\n`,
    ),
    'bodies, octet by octet': dripping(300, create('Content-Length: 10000'), () => ' '),
    'bodies that never come': dripping(400, create('Content-Length: 10000'), () => ''),
    'bodies in chunks of one octet': dripping(200, create('Transfer-Encoding: chunked'), () =>
      '1\r\n \r\n'.repeat(20),
    ),
    'bodies in chunks of one octet, as fast as they are taken': (target) =>
      target.repeat('1\r\n \r\n'.repeat(1_000), {
        // The parser alone takes some 10 ms for what it reads at a time.
        connections: 2,
        begin: target.octets('POST', `/api/sessions/${target.sessionId}/stories`, {
          fields: ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
        }),
      }),
    'chunks with endless extensions': dripping(100, create('Transfer-Encoding: chunked'), (round) =>
      round === 0 ? `1;${'x'.repeat(2_000)}` : 'x'.repeat(2_000),
    ),
    'trailers without an end': dripping(
      100,
      create('Transfer-Encoding: chunked'),
      (round) => `${round === 0 ? '2\r\n{}\r\n0\r\n' : ''}X-${round}: ${'x'.repeat(500)}\r\n`,
    ),
    'bodies that are waited for': dripping(
      200,
      create('Content-Length: 100', 'Expect: 100-continue'),
      () => '',
    ),
    'connections that ask, and close their side': async (target) => {
      const { sessionId } = target
      const path = `/api/sessions/${sessionId}/events?after=99999&wait_seconds=25`
      for (const socket of await target.connections(200, target.octets('GET', path))) socket.end()
      await target.wait()
    },
    'connections that are reset at once': async (target) => {
      while (target.isOn) {
        const sockets = await target.connections(50, 'GET / HTTP/1.1\r\n')
        for (const socket of sockets) reset(socket)
      }
    },
    'streams that are reset at once': async (target) => {
      while (target.isOn) {
        const sockets = await target.connections(25, target.octets('GET', `/api/sse/${target.sessionId}`))
        for (const socket of sockets) reset(socket)
      }
    },
  }),
]
