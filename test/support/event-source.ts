import { createParser } from 'eventsource-parser'

/** The part of a browser's `EventSource` that a listening page needs: unnamed messages, and reconnecting. */
export class EventSource {
  onmessage: (data: string) => void = () => {}
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #closed = new AbortController()
  #lastId = ''
  #retryMs = 100

  /** @param headers - what a browser sends by itself */
  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url
    this.#headers = headers
    void this.#run()
  }

  close(): void {
    this.#closed.abort()
  }

  async #run(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      if (!(await this.#connect().catch(() => true))) return
      await new Promise((resolve) => setTimeout(resolve, this.#retryMs))
    }
  }

  /** @returns whether to reconnect: any answer but a stream is the end */
  async #connect(): Promise<boolean> {
    const headers = {
      ...this.#headers,
      Accept: 'text/event-stream',
      ...(this.#lastId === '' ? {} : { 'Last-Event-ID': this.#lastId }),
    }
    const response = await fetch(this.#url, { headers, signal: this.#closed.signal })
    if (response.status !== 200 || response.body === null) return false
    const parser = createParser({
      onEvent: ({ id, event, data }) => {
        this.#lastId = id ?? this.#lastId
        if (event === undefined) this.onmessage(data)
      },
      onRetry: (ms) => {
        this.#retryMs = ms
      },
    })
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) parser.feed(text)
    return true
  }
}
