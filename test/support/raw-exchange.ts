import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'

/** Where a client without any library connects. */
export interface Door {
  readonly port: number
  /** The loopback address that it comes from. */
  readonly from?: string
  /** TLS over HTTP/1.1, for this name. */
  readonly secure?: { readonly host: string; readonly certFile: string }
}

/** How long to wait for an answer that is not the last of its connection. */
const ANSWER_MS_MAX = 5_000

/** Ends a connection as a crash would: without notice, by a reset if possible (Node.js has none for TLS). */
export function reset(socket: net.Socket): void {
  if (socket instanceof tls.TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}

/**
 * A connection that sends the octets it is told to.
 * @throws when it is refused, or the TLS handshake fails
 */
export async function dial({ port, from = '127.0.0.1', secure }: Door): Promise<net.Socket> {
  const way = { host: '127.0.0.1', port, localAddress: from }
  if (secure === undefined) {
    const socket = net.connect(way)
    await once(socket, 'connect')
    return socket.on('error', () => {})
  }
  const { host, certFile } = secure
  const socket = tls.connect({ ...way, servername: host, ca: readFileSync(certFile) })
  await once(socket, 'secureConnect')
  return socket.on('error', () => {})
}

/**
 * Sends octets, and waits for the end of the connection.
 * @returns everything received, as Latin-1, even if the other side goes on for too long
 */
export async function exchange(door: Door, octets: string): Promise<string> {
  const socket = await dial(door)
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    received += String(chunk)
  })
  const limit = setTimeout(() => socket.destroy(), ANSWER_MS_MAX)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(Buffer.from(octets, 'latin1'))
  await closed
  clearTimeout(limit)
  return received
}

/** The status of the first answer; `null`: there is none. */
export function statusOf(received: string): number | null {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(received)?.[1]
  return status === undefined ? null : Number(status)
}
