import type { Server } from 'node:http'
import { Socket } from 'node:net'
import type { Express } from 'express'
import type { Inspection } from './inspection.js'
import type { MessageClasses } from './messages.js'

interface Ends {
  readonly app: Express
  readonly messages: MessageClasses
  readonly inspection: Inspection
}

/**
 * Offers every upgrade to the inspection. One that it does not take is answered by the app as an
 * ordinary request, as Node does on a server that knows no upgrades at all.
 */
export function offerUpgrades(server: Server, { app, messages, inspection }: Ends): void {
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (inspection.upgrade(request, socket, head)) return
    if (!(socket instanceof Socket)) {
      socket.destroy()
      return
    }
    const response = new messages.ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.on('finish', () => socket.end())
    app(request, response)
  })
}
