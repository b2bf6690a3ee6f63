import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RequestHandler } from 'express'
import type { OnActor } from '../runtime/running-actor.js'

/** What a development inspector needs of the server. */
export interface Inspection {
  readonly watch: OnActor
  /** Asked before the API; passes on what is not its own. */
  readonly routes: RequestHandler
  /** Whether a request that asks for another protocol is its own; every other is an ordinary request. */
  readonly isUpgrade: (request: IncomingMessage) => boolean
  /** Takes a connection over whose request is its own. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** The server ends: connections taken over do not keep it. */
  close(): void
}
