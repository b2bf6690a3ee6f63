import { type Connection, openConnection, type Way } from './connection.js'

/** An HTTP/1.1 answer with a `Content-Length`, the only kind understood. */
export interface Reply {
  readonly status: number
  readonly body: string
}

const HEAD_END = '\r\n\r\n'

/** One keep-alive connection for commands; answers come in the order of the requests. */
export class HttpConnection {
  readonly #connection: Connection
  readonly #waiting: ((reply: Reply) => void)[] = []
  #text = ''

  private constructor(connection: Connection) {
    this.#connection = connection
    connection.onBytes = (inbox, length) => this.#read(inbox.toString('latin1', 0, length))
  }

  static async open(way: Way): Promise<HttpConnection> {
    return new HttpConnection(await openConnection(way))
  }

  send(request: Buffer, onReply: (reply: Reply) => void): void {
    this.#waiting.push(onReply)
    this.#connection.socket.write(request)
  }

  /** @throws for any status but 2xx */
  ask(request: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      this.send(request, ({ status, body }) => {
        if (status >= 300) reject(new Error(`${status}: ${body}`))
        else resolve(body)
      })
    })
  }

  close(): void {
    this.#connection.socket.destroy()
  }

  #read(chunk: string): void {
    this.#text += chunk
    for (;;) {
      const head = this.#text.indexOf(HEAD_END)
      if (head < 0) return
      const start = head + HEAD_END.length
      const end = start + contentLength(this.#text.slice(0, head))
      if (this.#text.length < end) return
      const reply = { status: Number(this.#text.slice(9, 12)), body: this.#text.slice(start, end) }
      this.#text = this.#text.slice(end)
      this.#waiting.shift()?.(reply)
    }
  }
}

/** A request as bytes, made once and sent many times. */
export function requestBytes(
  method: 'GET' | 'POST',
  path: string,
  { token, body, lastEventId }: { token?: string; body?: object; lastEventId?: number } = {},
): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body)
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1']
  if (token !== undefined) lines.push(`Authorization: Bearer ${token}`)
  if (lastEventId !== undefined) lines.push(`Last-Event-ID: ${lastEventId}`)
  if (body !== undefined) lines.push('Content-Type: application/json')
  if (method === 'POST') lines.push(`Content-Length: ${text.length}`)
  return Buffer.from(`${lines.join('\r\n')}${HEAD_END}${text}`)
}

function contentLength(head: string): number {
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`an answer without a length: ${head}`)
  return Number(length)
}
