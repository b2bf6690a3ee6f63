import { reset } from '../../../support/raw-exchange.js'
import { type Attack, family } from '../attack.js'
import type { Target } from '../target.js'

/** Many connections, each of which asks once and takes nothing of the answer. */
function stuck(count: number, octets: (target: Target) => Promise<string> | string) {
  return async (target: Target) => {
    await target.connections(count, await octets(target))
    await target.wait()
  }
}

const get = (path: string) => (target: Target) => target.octets('GET', path)

/** Why: an answer that nobody takes is memory, and a stuck reader must hold nobody up. */
export const READERS: readonly Attack[] = [
  ...family('readers that take nothing', {
    'of /openapi.json': stuck(200, get('/openapi.json')),
    'of the viewer of /docs': stuck(200, get('/docs/swagger-ui-bundle.js')),
    'of a whole log': stuck(200, async (target) => {
      const { sessionId } = await target.ownTable({ seats: 16, events: 260 })
      return target.octets('GET', `/api/sessions/${sessionId}/events?after=1`)
    }),
    'of a stream, while events come': async (target) => {
      const { sessionId, token } = await target.ownTable({ seats: 16 })
      await target.connections(100, target.octets('GET', `/api/sse/${sessionId}`))
      await target.repeat(target.octets('POST', `/api/sessions/${sessionId}/extend`, { token }))
    },
    'of the stream of somebody else': stuck(100, (target) =>
      target.octets('GET', `/api/sse/${target.sessionId}`),
    ),
    'of what an error says': stuck(400, get(`/${'x'.repeat(4_000)}`)),
    'that read one octet at a time': async (target) => {
      const sockets = await target.connections(50, target.octets('GET', '/openapi.json'))
      while (target.isOn) {
        for (const socket of sockets) socket.read(1)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    'that go in the middle of an answer': async (target) => {
      while (target.isOn) {
        const sockets = await target.connections(20, target.octets('GET', '/docs/swagger-ui-bundle.js'))
        await new Promise((resolve) => setTimeout(resolve, 5))
        for (const socket of sockets) reset(socket)
      }
    },
  }),
]
