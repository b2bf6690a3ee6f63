import { type HttpRequest, requestJson } from './http.js'

export interface SessionRequestOptions {
  /** The server's origin. */
  readonly url: string
  readonly sessionId: string
  /** `null`: a watcher's, who may read and nothing else. */
  readonly token: string | null
  readonly fetcher: typeof fetch
  /** Ends every request. */
  readonly signal: AbortSignal
  /** An answer that has not come by then, in milliseconds, will not. */
  readonly answerMs: number
}

/** Requests about one session, by one participant or watcher. They throw what {@link requestJson} throws. */
export class SessionRequests {
  readonly #options: SessionRequestOptions

  constructor(options: SessionRequestOptions) {
    this.#options = options
  }

  /** About the session itself. */
  session<Answer>(path: string, parts: HttpRequest = {}, signal?: AbortSignal): Promise<Answer> {
    return this.#send(`/api/sessions/${this.#options.sessionId}${path}`, parts, signal)
  }

  /** About a phone's part in it. */
  mobile<Answer>(path: string, parts: HttpRequest = {}, signal?: AbortSignal): Promise<Answer> {
    return this.#send(`/api/mobile/${this.#options.sessionId}${path}`, parts, signal)
  }

  #send<Answer>(
    path: string,
    parts: HttpRequest,
    signal: AbortSignal = this.#options.signal,
  ): Promise<Answer> {
    const { url, token, fetcher, answerMs } = this.#options
    return requestJson<Answer>(url + path, { token, ...parts }, { fetcher, signal, limitMs: answerMs })
  }
}
