import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RequestHandler } from 'express'
import type { OnActor } from '../runtime/running-actor.js'

/** What a development inspector needs of the server. */
export interface Inspection {
  readonly watch: OnActor
  /** Asked before the API; passes on what is not its own. */
  readonly routes: RequestHandler
  /** @returns whether it has taken the connection over */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
  /** The server ends: connections taken over do not keep it. */
  close(): void
}
