import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** How long a client may keep sending unread data, so that it gets to read the answer. */
const LINGER_MS = 500

/**
 * Answers a request that is not valid HTTP, too large or too slow. The connection is not reset at once: a
 * reset would overtake the answer.
 * @param mayBeAnswered - `false`: another answer is in progress, and this one would end up inside it
 */
export function answerClientError(error: Error, socket: Socket, mayBeAnswered: boolean): void {
  if (!mayBeAnswered || !socket.writable || ('code' in error && error.code === 'ECONNRESET')) {
    socket.destroy()
    return
  }
  const status = ('code' in error && STATUS_BY_CODE[String(error.code)]) || 400
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  socket.resume()
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}
