import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Tap } from './tap.js'

/** A client with this much unread data is disconnected; when it returns it gets the roster. */
const UNREAD_BYTES_MAX = 1_048_576
const CLIENTS_MAX = 8
/** Clients are not expected to send anything. */
const MESSAGE_BYTES_MAX = 1_024

/** The WebSocket clients that follow the tap. */
export class Clients {
  readonly #tap: Tap
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  })

  constructor(tap: Tap) {
    this.#tap = tap
  }

  get count(): number {
    return this.#server.clients.size
  }

  get isFull(): boolean {
    return this.count >= CLIENTS_MAX
  }

  /** Takes over an upgrade. Sends the roster first, then everything that happens. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => this.#serve(client))
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
  }

  #serve(client: WebSocket): void {
    client.on('error', () => client.terminate())
    for (const frame of this.#tap.roster()) client.send(JSON.stringify(frame))
    const stopListening = this.#tap.listen((frame) => {
      if (client.bufferedAmount > UNREAD_BYTES_MAX) client.terminate()
      else if (client.readyState === client.OPEN) client.send(JSON.stringify(frame))
    })
    client.on('close', stopListening)
  }
}
