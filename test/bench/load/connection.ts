import { connect, type Socket } from 'node:net'

/** Every read of this process lands here and is looked at before the next: no allocation per read. */
const INBOX = Buffer.allocUnsafe(64 * 1_024)
/** Source addresses: one has too few ports for all streams of the largest run. */
const ADDRESSES = 8
let opened = 0

/** What a connection hands over: `length` bytes at the front of a buffer that the next read overwrites. */
export type OnBytes = (inbox: Buffer, length: number) => void

export interface Connection {
  readonly socket: Socket
  /** What the next reads go to. */
  onBytes: OnBytes
}

/** A raw connection to the server under load. */
export function openConnection(port: number): Promise<Connection> {
  opened += 1
  const localAddress = `127.0.0.${2 + (opened % ADDRESSES)}`
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
