import net from 'node:net'

/** A stream on a bare socket, read and discarded: ten thousand of them fit in one process. */
export class IdleStream {
  bytes = 0
  isClosed = false
  readonly #socket: net.Socket
  /** Resolves with the first bytes; rejects if the connection ends without any. */
  readonly opened: Promise<void>

  constructor(url: string, sessionId: string, token?: string) {
    const { hostname, port } = new URL(url)
    const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
    this.#socket = net.connect(Number(port), hostname)
    this.#socket.write(`GET /api/sse/${sessionId} HTTP/1.1\r\nHost: ${hostname}\r\n${authorization}\r\n`)
    this.opened = new Promise((resolve, reject) => {
      this.#socket.on('data', (chunk) => {
        if (this.bytes === 0) resolve()
        this.bytes += chunk.length
      })
      this.#socket.on('error', () => {})
      this.#socket.on('close', () => {
        this.isClosed = true
        reject(new Error('a stream ended before it began'))
      })
    })
    this.opened.catch(() => {})
  }

  close(): void {
    this.#socket.destroy()
  }
}
