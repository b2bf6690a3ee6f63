import type { ProblemView } from '../wire/problem.js'
import { MagnaPPError } from './errors.js'
import { Watch } from './watch.js'

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Becomes JSON, unless it is a text: that goes as it is, and `headers` say what it is. */
  readonly body?: unknown
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

/** How a request is sent, and for how long. */
export interface Sending {
  readonly fetcher: typeof fetch
  readonly signal: AbortSignal
  /** The whole answer must be there by then, in milliseconds. */
  readonly limitMs: number
}

/** An answer is never longer, not even a long poll's with a whole log of events. */
const ANSWER_CHARACTERS_MAX = 64 * 1_024 * 1_024

/**
 * Sends one request.
 * @throws {MagnaPPError} for every answer that is no success; whatever `fetch` throws when there is no answer
 */
export async function request(
  url: string,
  { method = 'GET', body, token, headers }: HttpRequest,
  { fetcher, signal }: Omit<Sending, 'limitMs'>,
): Promise<Response> {
  const response = await fetcher(url, {
    method,
    credentials: 'same-origin',
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token == null ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal,
  })
  if (response.ok) return response
  throw new MagnaPPError(response.status, await problemOf(response), retryAfterOf(response))
}

/**
 * The same for an answer in JSON, which is taken to be what the contract says.
 * @throws {MagnaPPError} also for an answer that is no JSON; a `TimeoutError` when none came in time
 */
export function requestJson<Answer>(url: string, parts: HttpRequest, sending: Sending): Promise<Answer> {
  return answered(url, parts, sending, ({ status }, text) =>
    jsonOr<Answer>(text, () => {
      throw new MagnaPPError(status, null, null)
    }),
  )
}

/** The same for an answer that is a text. */
export function requestText(url: string, parts: HttpRequest, sending: Sending): Promise<string> {
  return answered(url, parts, sending, (_response, text) => text)
}

async function answered<Answer>(
  url: string,
  parts: HttpRequest,
  { fetcher, signal, limitMs }: Sending,
  read: (response: Response, text: string) => Answer,
): Promise<Answer> {
  const watch = new Watch(signal, () => limitMs)
  try {
    const response = await request(url, parts, { fetcher, signal: watch.signal })
    return read(response, await textOf(response))
  } catch (error) {
    // Not every fetch rejects with its signal's own reason.
    throw watch.signal.aborted ? watch.signal.reason : error
  } finally {
    watch.close()
  }
}

/** @throws {MagnaPPError} when there is no end to it */
async function textOf(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  if (reader === undefined) return response.text()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    text += decoder.decode(value, { stream: true })
    if (text.length > ANSWER_CHARACTERS_MAX) throw new MagnaPPError(response.status, null, null)
  }
}

/** What MagnaPP says of a refusal; other servers on the way may use the same content type. */
async function problemOf(response: Response): Promise<ProblemView | null> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true
  const text = await textOf(response)
  const problem = isProblem ? jsonOr<unknown>(text, () => null) : null
  return isProblemView(problem) ? problem : null
}

function isProblemView(value: unknown): value is ProblemView {
  return (
    typeof value === 'object' &&
    value !== null &&
    'error_code' in value &&
    typeof value.error_code === 'string' &&
    'context' in value &&
    typeof value.context === 'object' &&
    value.context !== null
  )
}

function jsonOr<Value>(text: string, otherwise: () => Value): Value {
  try {
    return JSON.parse(text)
  } catch {
    return otherwise()
  }
}

/** `Retry-After` in seconds; a date counts from the answer's own, so that a wrong clock here does not matter. */
function retryAfterOf({ headers }: Response): number | null {
  const text = headers.get('retry-after')
  if (text === null) return null
  const from = Date.parse(headers.get('date') ?? '') || Date.now()
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - from) / 1_000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null
}
