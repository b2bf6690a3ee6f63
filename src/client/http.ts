import type { ProblemView } from '../wire/problem.js'
import { MagnaPPError } from './errors.js'
import { Watch } from './watch.js'

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Sent as JSON, unless it is a string: that is sent as it is, with its type in `headers`. */
  readonly body?: unknown
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

/** How a request is sent, and for how long. */
export interface Sending {
  readonly fetcher: typeof fetch
  readonly signal: AbortSignal
  /** The whole answer must arrive within this time, in milliseconds. */
  readonly limitMs: number
}

/** No answer is longer, not even a long poll with a whole log of events. */
const ANSWER_CHARACTERS_MAX = 64 * 1_024 * 1_024

/**
 * Sends one request.
 * @throws {MagnaPPError} for every answer that is not a success; whatever `fetch` throws without an answer
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
 * The same for a JSON answer, which is assumed to follow the contract.
 * @throws {MagnaPPError} also for an answer that is not JSON; a `TimeoutError` when none comes in time
 */
export function requestJson<Answer>(url: string, parts: HttpRequest, sending: Sending): Promise<Answer> {
  return answered(url, parts, sending, ({ status }, text) =>
    jsonOr<Answer>(text, () => {
      throw new MagnaPPError(status, null, null)
    }),
  )
}

/** The same for a text answer. */
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
    // Not every `fetch` rejects with its signal's own reason.
    throw watch.signal.aborted ? watch.signal.reason : error
  } finally {
    watch.close()
  }
}

/** @throws {MagnaPPError} when it is too long */
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

/** MagnaPP's problem details; other servers in between may use the same content type. */
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

/**
 * `Retry-After` in seconds; a date is relative to the answer's own `Date`, so a wrong local clock does not
 * matter.
 */
function retryAfterOf({ headers }: Response): number | null {
  const text = headers.get('retry-after')
  if (text === null) return null
  const from = Date.parse(headers.get('date') ?? '') || Date.now()
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - from) / 1_000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null
}
