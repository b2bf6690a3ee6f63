import type { Clock } from '../../machines/ports.js'

/** The machine's own clock. A timer reaches 24 days at most (2³¹ − 1 ms). */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, timeoutMs) => setTimeout(callback, timeoutMs),
  clearTimeout: (id) => {
    if (isTimer(id)) clearTimeout(id)
  },
}

function isTimer(id: unknown): id is NodeJS.Timeout {
  return typeof id === 'object' && id !== null && 'hasRef' in id
}

/** Lets the process end although this timer runs. A simulated clock's timers hold nothing. */
export function unref(id: unknown): void {
  if (isTimer(id)) id.unref()
}
