import type { ProblemView } from '../wire/problem.js'
import { MagnaPPError } from './errors.js'

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly body?: unknown
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/**
 * Sends one request.
 * @throws {MagnaPPError} for every answer that is no success; whatever `fetch` throws when there is no answer
 */
export async function request(
  url: string,
  { method = 'GET', body, token, headers, signal }: HttpRequest,
  fetcher: typeof fetch,
): Promise<Response> {
  const response = await fetcher(url, {
    method,
    credentials: 'same-origin',
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token == null ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (response.ok) return response
  throw new MagnaPPError(response.status, await problemOf(response), retryAfterOf(response))
}

/** The same for an answer in JSON, which is taken to be what the contract says. */
export async function requestJson<Answer>(
  url: string,
  parts: HttpRequest,
  fetcher: typeof fetch,
): Promise<Answer> {
  const response = await request(url, parts, fetcher)
  return JSON.parse(await response.text())
}

async function problemOf(response: Response): Promise<ProblemView | null> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true
  const body = await response.text()
  try {
    return isProblem ? JSON.parse(body) : null
  } catch {
    return null
  }
}

/** `Retry-After` in seconds; a date counts from now. */
function retryAfterOf(response: Response): number | null {
  const text = response.headers.get('retry-after')
  if (text === null) return null
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1_000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null
}
