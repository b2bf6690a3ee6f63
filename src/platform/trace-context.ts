/** A request's place in a distributed trace (W3C Trace Context). */
export interface TraceContext {
  readonly traceId: string
  /** This server's span. */
  readonly spanId: string
  readonly flags: string
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
/** Later versions may have more members than today's four with 55 characters. */
const TRACEPARENT_LENGTH_MAX = 256
const FIRST_VERSION = '00'
const INVALID_VERSION = 'ff'

/**
 * Continues the trace in a `traceparent` header (W3C Trace Context, section 3.2).
 * @param spanId - this server's span: 16 hex digits
 * @returns `null` without a header, or with one that the standard says to ignore
 */
export function continueTrace(traceparent: string | undefined, spanId: () => string): TraceContext | null {
  const isJudged = traceparent !== undefined && traceparent.length <= TRACEPARENT_LENGTH_MAX
  const match = isJudged ? TRACEPARENT.exec(traceparent.trim()) : null
  if (match === null) return null
  const [, version, traceId = '', parentId = '', flags = '', more] = match
  if (version === INVALID_VERSION || (version === FIRST_VERSION && more !== undefined)) return null
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return null
  return { traceId, spanId: spanId(), flags }
}

/** The header for the next one in the trace. */
export function traceparentOf({ traceId, spanId, flags }: TraceContext): string {
  return `${FIRST_VERSION}-${traceId}-${spanId}-${flags}`
}
