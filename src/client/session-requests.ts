import type { Card } from '../../machines/card.js'
import type { HeartbeatView } from '../wire/responses.js'
import { type HttpRequest, requestJson, requestText, type Sending } from './http.js'
import { type Patience, sendOnce } from './send-once.js'

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

export interface CommandParts extends HttpRequest {
  readonly patience?: Patience
  readonly signal?: AbortSignal
}

/** Somebody has pressed a button, and may not mean it any more in a while. */
const PATIENCE: Patience = { attemptsMax: 3, withinMs: 3_000 }

const ONE_ATTEMPT: Patience = { attemptsMax: 1, withinMs: 0 }

/** Requests about one session, by one participant or watcher. They throw what {@link requestJson} throws. */
export class SessionRequests {
  readonly #options: SessionRequestOptions

  constructor(options: SessionRequestOptions) {
    this.#options = options
  }

  /** The session as it is now. What comes back is not looked at. */
  look(): Promise<unknown> {
    return this.#read(`/sessions/${this.#options.sessionId}`)
  }

  /** Says that its participant is still there. */
  heartbeat(signal?: AbortSignal): Promise<HeartbeatView> {
    return this.#read(`/mobile/${this.#options.sessionId}/heartbeat`, signal)
  }

  /** Something about the session that is read, as JSON. */
  read<Answer>(path: string): Promise<Answer> {
    return this.#read(`/sessions/${this.#options.sessionId}${path}`)
  }

  /** The same, answered by a text. */
  text(path: string): Promise<string> {
    const { url, token, sessionId } = this.#options
    return requestText(`${url}/api/sessions/${sessionId}${path}`, { token }, this.#sending())
  }

  /** Lays a card, or takes it back, in one attempt; with the key of another it counts once. */
  vote(card: Card | null, key: string): Promise<unknown> {
    const headers = { 'Idempotency-Key': key }
    return this.command('/vote', { body: { vote: card }, headers, patience: ONE_ATTEMPT })
  }

  /** A command about the session itself, carried out once; tried again as {@link sendOnce} does. */
  command<Answer>(path: string, parts: CommandParts = {}): Promise<Answer> {
    return this.#send(`/sessions/${this.#options.sessionId}${path}`, parts)
  }

  /** The same about a phone's part in it. */
  mobile<Answer>(path: string, parts: CommandParts = {}): Promise<Answer> {
    return this.#send(`/mobile/${this.#options.sessionId}${path}`, parts)
  }

  #read<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    const { url, token } = this.#options
    return requestJson<Answer>(`${url}/api${path}`, { token }, this.#sending(signal))
  }

  #send<Answer>(path: string, { patience = PATIENCE, signal, ...parts }: CommandParts): Promise<Answer> {
    const { url, token } = this.#options
    return sendOnce<Answer>(`${url}/api${path}`, { token, ...parts }, this.#sending(signal), patience)
  }

  #sending(signal: AbortSignal = this.#options.signal): Sending {
    const { fetcher, answerMs } = this.#options
    return { fetcher, signal, limitMs: answerMs }
  }
}
