/** The longest wait, whatever a server asks for; beyond some 24 days a timer would fire at once. */
export const WAIT_MS_MAX = 3_600_000

/**
 * Waits, an hour at most. Never rejects: an abort only ends the wait early, so that callers look at
 * their signal.
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
 * How long to wait before the next attempt: doubled with each that failed, and up to half of it on
 * top, so that a whole team does not come back in the same instant. Never less than was asked for.
 * @param attempt - from 0
 * @param firstMs - a server's wish may be longer than `mostMs`: then it holds
 */
export function backoffMs(attempt: number, firstMs: number, mostMs: number): number {
  const waitMs = Math.min(Math.max(firstMs, mostMs), firstMs * 2 ** attempt)
  return waitMs + (Math.random() * waitMs) / 2
}
