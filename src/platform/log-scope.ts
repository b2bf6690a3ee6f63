/** The fields of every line about the same subject; those that are `undefined` are omitted. */
export type LogFields = Readonly<Record<string, string | undefined>>

/** Whatever work is done for; its fields are read only when a line is written. */
export interface LogSubject {
  logFields(): LogFields
}

let current: LogSubject | null = null

/**
 * Runs synchronous work on behalf of a subject: everything logged meanwhile carries its fields.
 *
 * Not an `AsyncLocalStorage`: a session's timers would inherit the request that happened to set them, and
 * every hop would cost time.
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

/** The fields of the running work, in a new object for the caller. */
export function scopeFields(): Record<string, string | undefined> {
  return { ...current?.logFields() }
}
