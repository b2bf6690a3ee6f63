import net from 'node:net'
import { BehindProxy } from '../support/behind-proxy.js'
import { until } from '../support/clients.js'

/** How many connections one address may have open, in the shipped files. */
const CONNECTIONS_MAX = 512

/** Why: with `TRUST_PROXY` the server sees only the proxy's connections, and cannot count for itself. */
describe('behind haproxy with the shipped file', () => {
  const stand = BehindProxy.forTests('haproxy', {})
  if (stand === null) return test.skip('limits the connections of one address', () => {})

  test(`one address has ${CONNECTIONS_MAX} connections, and the next one gets in when one is closed`, async () => {
    const flooder = '127.0.0.41'
    const open = await Promise.all(
      Array.from({ length: CONNECTIONS_MAX + 50 }, () => connection(stand.proxy.plainPort, flooder)),
    )
    const kept = () => open.filter((socket) => !socket.destroyed)
    await until(() => kept().length === CONNECTIONS_MAX)
    const api = await stand.client('127.0.0.42')
    expect((await api.request('/health')).status).toBe(200)
    for (const socket of kept().slice(0, 20)) socket.destroy()
    await until(async () => {
      const socket = await connection(stand.proxy.plainPort, flooder)
      await new Promise((resolve) => setTimeout(resolve, 50))
      const isIn = !socket.destroyed
      socket.destroy()
      return isIn
    })
    for (const socket of open) socket.destroy()
  })
})

function connection(port: number, localAddress: string): Promise<net.Socket> {
  const socket = net.connect({ host: '127.0.0.1', port, localAddress })
  return new Promise((resolve) => {
    socket.on('error', () => {}).on('connect', () => resolve(socket.resume()))
    socket.on('close', () => resolve(socket))
  })
}
