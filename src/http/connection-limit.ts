import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Config } from '../platform/config.js'
import { netOf } from './client-address.js'

/**
 * How many connections one peer may have; `null`: any number. Behind a proxy all connections come from the
 * proxy, which then has to limit them.
 */
export function connectionsMaxOf({
  MAX_CONNECTIONS_PER_ADDRESS,
  RATE_LIMITING,
  TRUST_PROXY,
}: Pick<Config, 'MAX_CONNECTIONS_PER_ADDRESS' | 'RATE_LIMITING' | 'TRUST_PROXY'>): number | null {
  const isCounted = RATE_LIMITING && TRUST_PROXY === 0 && MAX_CONNECTIONS_PER_ADDRESS > 0
  return isCounted ? MAX_CONNECTIONS_PER_ADDRESS : null
}

/** Closes a new connection at once if its address already has that many, with or without TLS. */
export function limitConnections(server: Server, connectionsMax: number): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = netOf(socket.remoteAddress ?? '')
    const others = open.get(address) ?? 0
    if (others >= connectionsMax) {
      socket.destroy()
      return
    }
    open.set(address, others + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
  })
}
