import { MagnaPPError } from './errors.js'
import { type HttpRequest, requestJson, type Sending } from './http.js'
import { backoffMs, pause } from './pause.js'

/** How long retries are worthwhile. */
export interface Patience {
  /** 1 or more. */
  readonly attemptsMax: number
  /** All waits between attempts together, in milliseconds. */
  readonly withinMs: number
}

/** An answer that takes this part of its time is asked for again: it may be lost on the way. */
const LOST_SHARE = 0.4
/** A longer body may itself still be on its way; in UTF-16 code units of its JSON. */
const SHORT_LENGTH_MAX = 16_384

const RETRY_MS = 300
const RETRY_MAX_MS = 3_000
/** The user is waiting: if a server asks for more patience than this, that is for the user to decide. */
const RETRY_AFTER_SECONDS_MAX = 10
/** The server is away for a moment, or a proxy in front of it says so. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([502, 503, 504])

/**
 * Sends a request that must be executed once: with an `Idempotency-Key`, and again with the same key if no
 * answer came, or only a proxy's answer that the server is away.
 * @param parts - `POST` unless it says otherwise; a key in its headers belongs to an earlier call
 * @throws what {@link requestJson} throws
 */
export async function sendOnce<Answer>(
  url: string,
  parts: HttpRequest,
  sending: Sending,
  { attemptsMax, withinMs }: Patience,
): Promise<Answer> {
  const headers = { 'Idempotency-Key': uuid(), ...parts.headers }
  const isShort = JSON.stringify(parts.body ?? null).length <= SHORT_LENGTH_MAX
  let waitedMs = 0
  for (let attempt = 0; ; attempt += 1) {
    const isLast = attempt + 1 >= attemptsMax
    const limitMs = isShort && !isLast ? sending.limitMs * LOST_SHARE : sending.limitMs
    try {
      return await requestJson<Answer>(url, { method: 'POST', ...parts, headers }, { ...sending, limitMs })
    } catch (error) {
      if (!mayPass(error) || sending.signal.aborted || isLast) throw error
      const waitMs = Math.max(retryAfterMs(error), backoffMs(attempt, RETRY_MS, RETRY_MAX_MS))
      waitedMs += waitMs
      if (waitedMs > withinMs) throw error
      await pause(waitMs, sending.signal)
      if (sending.signal.aborted) throw sending.signal.reason
    }
  }
}

/** Whether a failure is temporary: there was no answer, or the answer said so. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof MagnaPPError)) return true
  return PASSING_STATUSES.has(error.status) && (error.retryAfterSeconds ?? 0) <= RETRY_AFTER_SECONDS_MAX
}

function retryAfterMs(error: unknown): number {
  return error instanceof MagnaPPError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0
}

/** A UUID version 4. Pages that are not served securely have no `randomUUID`. */
export function uuid(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16))
  const hex = Array.from(bytes, (byte, index) => {
    // The version and the variant have fixed places.
    const marked = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte
    return marked.toString(16).padStart(2, '0')
  }).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
