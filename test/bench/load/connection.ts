import { connect, type Socket } from 'node:net'

/** Every read of this process lands here and is processed before the next: no allocation per read. */
const INBOX = Buffer.allocUnsafe(64 * 1_024)
/** The number of tables with an address of their own; further ones start over. */
const ADDRESSES = 254 * 254

/** What a connection hands over: `length` bytes at the front of a buffer that the next read overwrites. */
export type OnBytes = (inbox: Buffer, length: number) => void

export interface Connection {
  readonly socket: Socket
  /** Receives the next reads. */
  onBytes: OnBytes
}

/** Where a connection goes, and where it comes from. */
export interface Way {
  readonly port: number
  /** Each table is a team with its own address in 127.0.0.0/8, so that limits meet a team, not the bench. */
  readonly table: number
}

/** A raw connection to the server under load. */
export function openConnection({ port, table }: Way): Promise<Connection> {
  const place = table % ADDRESSES
  const localAddress = `127.1.${1 + Math.floor(place / 254)}.${1 + (place % 254)}`
  return new Promise((resolve, reject) => {
    const connection: { socket: Socket; onBytes: OnBytes } = {
      onBytes: () => {},
      socket: connect({
        host: '127.0.0.1',
        port,
        localAddress,
        noDelay: true,
        onread: {
          buffer: INBOX,
          callback: (length) => {
            connection.onBytes(INBOX, length)
            return true
          },
        },
      }),
    }
    connection.socket.once('connect', () => resolve(connection))
    connection.socket.on('error', reject)
  })
}
