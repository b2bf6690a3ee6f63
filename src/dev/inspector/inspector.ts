import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RequestHandler } from 'express'
import type { Clock } from '../../../machines/ports.js'
import type { Logger } from '../../platform/logger.js'
import type { RunningActor } from '../../runtime/running-actor.js'
import { Clients } from './clients.js'
import { inspectorPage } from './inspector-page.js'
import { isFromLoopback } from './loopback.js'
import { Tap } from './tap.js'

const SOCKET_PATH = '/inspect/socket'

/**
 * The development inspector: shows what every actor does, at `/inspect` and its WebSocket, for this machine
 * only. For everybody else it does not exist.
 */
export class Inspector {
  readonly tap: Tap
  readonly clients: Clients
  /** Serves the page to this machine; passes on all other requests. */
  readonly routes: RequestHandler

  constructor(clock: Pick<Clock, 'now'>, logger: Logger) {
    this.tap = new Tap({ clock, onFault: (error) => logger.warn({ err: error }, 'inspector fault') })
    this.clients = new Clients(this.tap)
    const page = inspectorPage().routes
    this.routes = (request, response, next) => {
      if (isFromLoopback(request)) page(request, response, next)
      else next()
    }
  }

  /** To be called with every actor before it starts. */
  readonly watch = (running: RunningActor): void => this.tap.watch(running)

  /** Whether a request is for the WebSocket and there is a free place. */
  readonly isUpgrade = (request: IncomingMessage): boolean => {
    const path = request.url?.split('?', 1)[0]
    const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket'
    return isWebSocket && path === SOCKET_PATH && isFromLoopback(request) && !this.clients.isFull
  }

  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    this.clients.accept(request, socket, head)
  }

  close(): void {
    this.clients.close()
  }
}
