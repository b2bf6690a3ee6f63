import type { Card } from '../../machines/card.js'
import type { HeartbeatView } from '../wire/responses.js'
import { isSeatGone, MagnaPPError } from './errors.js'
import { type HttpRequest, requestJson, requestText, type Sending } from './http.js'
import { type Patience, sendOnce } from './send-once.js'

export interface SessionRequestOptions {
  /** The server's origin. */
  readonly url: string
  readonly sessionId: string
  /** `null`: a watcher, who may only read. */
  readonly token: string | null
  readonly fetcher: typeof fetch
  /** Ends every request. */
  readonly signal: AbortSignal
  /** How long to wait for an answer, in milliseconds. */
  readonly answerMs: number
}

export interface CommandParts extends HttpRequest {
  readonly patience?: Patience
  readonly signal?: AbortSignal
}

/** The user has pressed a button, and may no longer mean it after a while. */
const PATIENCE: Patience = { attemptsMax: 3, withinMs: 3_000 }

const ONE_ATTEMPT: Patience = { attemptsMax: 1, withinMs: 0 }

/** Requests about one session, by one participant or watcher. They throw what {@link requestJson} throws. */
export class SessionRequests {
  readonly #options: SessionRequestOptions

  constructor(options: SessionRequestOptions) {
    this.#options = options
  }

  /** The current session. The answer is not validated. */
  look(): Promise<unknown> {
    return this.#read(`/sessions/${this.#options.sessionId}`)
  }

  /** Says that its participant is still there. */
  heartbeat(signal?: AbortSignal): Promise<HeartbeatView> {
    return this.#read(`/mobile/${this.#options.sessionId}/heartbeat`, signal)
  }

  /** Reads something about the session, as JSON. */
  read<Answer>(path: string): Promise<Answer> {
    return this.#read(`/sessions/${this.#options.sessionId}${path}`)
  }

  /** The same, as text. */
  text(path: string): Promise<string> {
    const { url, token, sessionId } = this.#options
    return requestText(`${url}/api/sessions/${sessionId}${path}`, { token }, this.#sending())
  }

  /** Casts a card or takes it back, in one attempt; several attempts with the same key count once. */
  vote(card: Card | null, key: string): Promise<unknown> {
    const headers = { 'Idempotency-Key': key }
    return this.command('/vote', { body: { vote: card }, headers, patience: ONE_ATTEMPT })
  }

  /** A command on the session, executed once; retried as {@link sendOnce} does. */
  command<Answer>(path: string, parts: CommandParts = {}): Promise<Answer> {
    return this.#send(`/sessions/${this.#options.sessionId}${path}`, parts)
  }

  /**
   * A command after which the server no longer knows its sender: if a retry is refused for that reason, the
   * lost answer was a success.
   */
  async lastCommand(path: string, parts: CommandParts = {}): Promise<void> {
    const { fetcher } = this.#options
    let attempts = 0
    const counting: typeof fetch = (input, init) => {
      attempts += 1
      return fetcher(input, init)
    }
    try {
      await this.#send(`/sessions/${this.#options.sessionId}${path}`, parts, counting)
    } catch (error) {
      if (attempts < 2 || !isGone(error)) throw error
    }
  }

  /** A command for a phone, executed once; retried as {@link sendOnce} does. */
  mobile<Answer>(path: string, parts: CommandParts = {}): Promise<Answer> {
    return this.#send(`/mobile/${this.#options.sessionId}${path}`, parts)
  }

  #read<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    const { url, token } = this.#options
    return requestJson<Answer>(`${url}/api${path}`, { token }, this.#sending(signal))
  }

  #send<Answer>(
    path: string,
    { patience = PATIENCE, signal, ...parts }: CommandParts,
    fetcher = this.#options.fetcher,
  ): Promise<Answer> {
    const { url, token } = this.#options
    const sending = { ...this.#sending(signal), fetcher }
    return sendOnce<Answer>(`${url}/api${path}`, { token, ...parts }, sending, patience)
  }

  #sending(signal: AbortSignal = this.#options.signal): Sending {
    const { fetcher, answerMs } = this.#options
    return { fetcher, signal, limitMs: answerMs }
  }
}

/** Whether the seat, or the whole session, is gone. */
function isGone(error: unknown): boolean {
  return error instanceof MagnaPPError && (isSeatGone(error) || error.code === 'SESSION_NOT_FOUND')
}
