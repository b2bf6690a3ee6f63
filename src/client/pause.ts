/** The longest wait, whatever a server asks for; above some 24 days a timer would fire at once. */
export const WAIT_MS_MAX = 3_600_000

/**
 * Waits, for an hour at most. Never rejects: an abort only ends the wait early, so callers check their
 * signal.
 * @param signal - ends the wait
 */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(ms, WAIT_MS_MAX))
    signal.addEventListener('abort', done)
  })
}

/**
 * How long to wait before the next attempt: doubled after each failure, plus up to half as jitter, so that a
 * whole team does not reconnect in the same instant. Never less than the server asked for.
 * @param attempt - from 0
 * @param firstMs - a server's value may exceed `mostMs`: then it holds
 */
export function backoffMs(attempt: number, firstMs: number, mostMs: number): number {
  const waitMs = Math.min(Math.max(firstMs, mostMs), firstMs * 2 ** attempt)
  return waitMs + (Math.random() * waitMs) / 2
}
