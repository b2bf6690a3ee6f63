import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RequestHandler } from 'express'
import type { OnActor } from '../runtime/running-actor.js'

/** What a development inspector provides to the server. */
export interface Inspection {
  readonly watch: OnActor
  /** Called before the API; passes on requests that are not its own. */
  readonly routes: RequestHandler
  /** Whether an upgrade request is its own; all others are treated as ordinary requests. */
  readonly isUpgrade: (request: IncomingMessage) => boolean
  /** Takes over the connection of an upgrade request. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Called at shutdown: upgraded connections do not delay it. */
  close(): void
}
