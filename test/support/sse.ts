import http from 'node:http'
import { createParser } from 'eventsource-parser'

export interface Frame {
  readonly id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: what a server sends is what the test is about
  readonly data: any
}

export interface StreamRequest {
  readonly token?: string
  readonly lastEventId?: string | number
  readonly query?: string
  readonly headers?: Record<string, string>
}

const WAIT_MS_MAX = 5_000

/** What came over a stream, however it came. */
export class ReceivedStream {
  readonly frames: Frame[] = []
  readonly comments: string[] = []
  status = 0
  headers: http.IncomingHttpHeaders = {}
  raw = ''
  isClosed = false
  retry: number | null = null
  readonly #waiting = new Set<() => void>()
  readonly #parser = createParser({
    onEvent: ({ id, data }) => this.frames.push({ id, data: JSON.parse(data) }),
    onComment: (comment) => this.comments.push(comment),
    onRetry: (ms) => {
      this.retry = ms
    },
  })

  /** The types of all frames. */
  get types(): string[] {
    return this.frames.map((frame) => frame.data.type)
  }

  /** Only the events, without other frames. */
  get events(): Frame[] {
    return this.frames.filter(
      (frame) => !NOTICES.has(frame.data.type) && frame.data.data.reason !== 'connected',
    )
  }

  /** @throws when it does not come true in time */
  async until(isTrue: (stream: this) => boolean): Promise<this> {
    if (isTrue(this)) return this
    await new Promise<void>((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(limit)
        this.#waiting.delete(check)
        settle()
      }
      const check = () => {
        if (isTrue(this)) done(resolve)
      }
      const limit = setTimeout(
        () => done(() => reject(new Error(`waited in vain; ${this.status} ${JSON.stringify(this.types)}`))),
        WAIT_MS_MAX,
      )
      this.#waiting.add(check)
    })
    return this
  }

  untilType(type: string): Promise<this> {
    return this.until((stream) => stream.types.includes(type))
  }

  untilVersion(version: number): Promise<this> {
    return this.until((stream) => (stream.frames.at(-1)?.data.state_version ?? -1) >= version)
  }

  untilClosed(): Promise<this> {
    return this.until((stream) => stream.isClosed)
  }

  /** The headers have arrived. */
  protected opened(status: number, headers: http.IncomingHttpHeaders): void {
    this.status = status
    this.headers = headers
    this.#tell()
  }

  protected received(text: string): void {
    this.raw += text
    this.#parser.feed(text)
    this.#tell()
  }

  protected closed(): void {
    this.isClosed = true
    this.#tell()
  }

  #tell(): void {
    for (const check of [...this.#waiting]) check()
  }
}

/** One open connection to a stream and everything that came over it. */
export class TestStream extends ReceivedStream {
  readonly #request: http.ClientRequest

  constructor(
    url: string,
    sessionId: string,
    { token, lastEventId, query = '', headers }: StreamRequest = {},
  ) {
    super()
    this.#request = http.get(`${url}/api/sse/${sessionId}${query}`, {
      agent: false,
      headers: { ...streamHeaders({ token, lastEventId }), ...headers },
    })
    this.#request.on('response', (response) => {
      this.opened(response.statusCode ?? 0, response.headers)
      response.setEncoding('utf8').on('data', (chunk: string) => this.received(chunk))
      response.on('error', () => {})
    })
    this.#request.on('error', () => {})
    this.#request.on('close', () => this.closed())
  }

  close(): void {
    this.#request.destroy()
  }

  /** Breaks the connection with a RST, as soon as there is one. */
  reset(): void {
    const { socket } = this.#request
    if (socket === null) this.#request.on('socket', (late) => late.resetAndDestroy())
    else socket.resetAndDestroy()
  }
}

/** The headers that prove who reads, and from where. */
export function streamHeaders({
  token,
  lastEventId,
}: {
  readonly token?: string | undefined
  readonly lastEventId?: string | number | undefined
}): Record<string, string> {
  return {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) }),
  }
}

const NOTICES = new Set(['state_sync_required', 'session_capacity_warning', 'error_recovery_needed'])
