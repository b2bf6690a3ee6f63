/** What every line about the same thing carries. */
export type LogFields = Readonly<Record<string, string>>

/** Whatever work can be done for; asked for its fields only when a line is written. */
export interface LogSubject {
  logFields(): LogFields
}

let current: LogSubject | null = null

/**
 * Does a piece of synchronous work for somebody: whatever is logged meanwhile carries their fields.
 *
 * Not an `AsyncLocalStorage`: a session's timers would inherit the request that happened to set them,
 * and every hop would cost.
 */
export function onBehalfOf<T>(subject: LogSubject, work: () => T): T {
  const outer = current
  current = subject
  try {
    return work()
  } finally {
    current = outer
  }
}

/** The fields of the work that runs now, as an object of the caller's own. */
export function scopeFields(): Record<string, string> {
  return { ...current?.logFields() }
}
