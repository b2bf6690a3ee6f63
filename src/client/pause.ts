/**
 * Waits. Never rejects: an abort only ends the wait early, so that callers look at their signal.
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
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

/**
 * How long to wait before the next attempt: doubled with each that failed, a random half of it
 * taken off, so that a whole team does not come back in the same instant.
 * @param attempt - from 0
 */
export function backoffMs(attempt: number, firstMs: number, mostMs: number): number {
  const full = Math.min(mostMs, firstMs * 2 ** attempt)
  return full / 2 + (Math.random() * full) / 2
}
