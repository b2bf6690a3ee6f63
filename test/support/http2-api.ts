import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http2 from 'node:http2'
import net from 'node:net'
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

/** What a browser has: everything over one HTTP/2 connection. */
export class Http2Api extends Api {
  readonly #connection: http2.ClientHttp2Session

  private constructor(url: string, connection: http2.ClientHttp2Session) {
    super(url)
    this.#connection = connection
  }

  /** @throws when the other side does not speak HTTP/2, or has another certificate */
  static async connect({ host, port, certFile, from = '127.0.0.1' }: Http2Options): Promise<Http2Api> {
    const socket = tls.connect({
      socket: net.connect({ host: '127.0.0.1', port, localAddress: from }),
      servername: host,
      ca: readFileSync(certFile),
      ALPNProtocols: ['h2'],
    })
    await once(socket, 'secureConnect')
    if (socket.alpnProtocol !== 'h2') throw new Error('the other side speaks no HTTP/2')
    const url = `https://${host}:${port}`
    return new Http2Api(url, http2.connect(url, { createConnection: () => socket }))
  }

  override async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    const { method = 'GET', body } = options
    const exchange = this.#connection.request({
      ':method': method,
      ':path': path,
      ...requestHeaders(options),
    })
    exchange.end(body === undefined ? undefined : bodyText(body))
    let text = ''
    exchange.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    const [headers] = await once(exchange, 'response')
    if (!exchange.readableEnded) await once(exchange, 'end')
    return answerOf(Number(headers[':status']), headersOf(headers), text)
  }

  stream(sessionId: string, options: StreamRequest = {}): Http2Stream {
    const { query = '', headers } = options
    return new Http2Stream(
      this.#connection.request({
        ':path': `/api/sse/${sessionId}${query}`,
        ...streamHeaders(options),
        ...headers,
      }),
    )
  }

  async close(): Promise<void> {
    if (this.#connection.destroyed) return
    const closed = once(this.#connection, 'close')
    this.#connection.destroy()
    await closed
  }
}

/** One of many streams over a connection. */
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

function headersOf(received: http2.IncomingHttpHeaders): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(received)) {
    if (name.startsWith(':') || value === undefined) continue
    for (const one of [value].flat()) headers.append(name, one)
  }
  return headers
}
