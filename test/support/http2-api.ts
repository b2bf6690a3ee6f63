import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http2 from 'node:http2'
import tls from 'node:tls'
import { type Answer, Api, answerOf, bodyText, type RequestOptions, requestHeaders } from './api.js'
import { ReceivedStream, type StreamRequest, streamHeaders } from './sse.js'

export interface Http2Options {
  readonly host: string
  readonly port: number
  readonly certFile: string
  /** The loopback address that the connection comes from. */
  readonly from?: string
}

/** What a browser has: everything on one HTTP/2 connection, and a new one once that takes no more. */
export class Http2Api extends Api {
  readonly #connect: () => http2.ClientHttp2Session
  /** Those that still have something open. */
  readonly #connections = new Set<http2.ClientHttp2Session>()
  #current: http2.ClientHttp2Session | null = null

  private constructor(url: string, connect: () => http2.ClientHttp2Session) {
    super(url)
    this.#connect = connect
  }

  /** @throws when the other side does not speak HTTP/2, or has another certificate */
  static async connect({ host, port, certFile, from = '127.0.0.1' }: Http2Options): Promise<Http2Api> {
    const url = `https://${host}:${port}`
    const createConnection = () =>
      tls.connect({
        ...{ host: '127.0.0.1', port, localAddress: from },
        servername: host,
        ca: readFileSync(certFile),
        ALPNProtocols: ['h2'],
      })
    const socket = createConnection()
    await once(socket, 'secureConnect')
    if (socket.alpnProtocol !== 'h2') throw new Error('the other side speaks no HTTP/2')
    const sockets = [socket]
    return new Http2Api(url, () =>
      http2.connect(url, { createConnection: () => sockets.pop() ?? createConnection() }),
    )
  }

  /** A refused stream was not processed: it is sent on the next connection. */
  override async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    for (;;) {
      const exchange = this.#exchange(path, options)
      try {
        return await answered(exchange)
      } catch (error) {
        if (exchange.rstCode !== http2.constants.NGHTTP2_REFUSED_STREAM) throw error
      }
    }
  }

  stream(sessionId: string, options: StreamRequest = {}): Http2Stream {
    const { query = '', headers } = options
    return new Http2Stream(
      this.#connection().request({
        ':path': `/api/sse/${sessionId}${query}`,
        ...streamHeaders(options),
        ...headers,
      }),
    )
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#connections].map(async (connection) => {
        const closed = once(connection, 'close')
        connection.destroy()
        await closed
      }),
    )
  }

  #exchange(path: string, options: RequestOptions): http2.ClientHttp2Stream {
    const { method = 'GET', body } = options
    const exchange = this.#connection().request({
      ':method': method,
      ':path': path,
      ...requestHeaders(options),
    })
    exchange.end(body === undefined ? undefined : bodyText(body))
    return exchange
  }

  /** A connection that accepts requests. nginx allows a thousand per connection. */
  #connection(): http2.ClientHttp2Session {
    if (this.#current !== null && !this.#current.closed && !this.#current.destroyed) return this.#current
    const connection = this.#connect()
    // Everything open on it is notified.
    connection.on('error', () => {})
    connection.on('close', () => this.#connections.delete(connection))
    this.#connections.add(connection)
    this.#current = connection
    return connection
  }
}

/** One of many streams on a connection. */
export class Http2Stream extends ReceivedStream {
  /** How long the first byte of the body took. */
  firstByteMs: number | null = null
  readonly #exchange: http2.ClientHttp2Stream

  constructor(exchange: http2.ClientHttp2Stream) {
    super()
    const startedAt = performance.now()
    this.#exchange = exchange
    exchange.on('response', (headers) => this.opened(Number(headers[':status']), headers))
    exchange.setEncoding('utf8').on('data', (chunk: string) => {
      this.firstByteMs ??= performance.now() - startedAt
      this.received(chunk)
    })
    exchange.on('error', () => {})
    exchange.on('close', () => this.closed())
  }

  close(): void {
    this.#exchange.close(http2.constants.NGHTTP2_CANCEL)
  }
}

async function answered(exchange: http2.ClientHttp2Stream): Promise<Answer> {
  let text = ''
  exchange.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const [headers] = await once(exchange, 'response')
  if (!exchange.readableEnded) await once(exchange, 'end')
  return answerOf(Number(headers[':status']), headersOf(headers), text)
}

function headersOf(received: http2.IncomingHttpHeaders): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(received)) {
    if (name.startsWith(':') || value === undefined) continue
    for (const one of [value].flat()) headers.append(name, one)
  }
  return headers
}
