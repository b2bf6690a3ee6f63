import * as z from 'zod'
import { ERRORS, type ErrorCode, type RefusalDetail } from './errors.js'
import { timestamp } from './scalars.js'

/** `application/problem+json` (RFC 9457) with the product's own members (contract section 8). */
export const problemView = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  error: z.literal(true),
  error_code: z.string(),
  message: z.string(),
  recovery_actions: z.array(z.string()),
  context: z.record(z.string(), z.unknown()),
  timestamp,
  retry_after: z.int().nullable(),
  request_id: z.string(),
})

export type ProblemView = z.infer<typeof problemView>

/** Which request an error belongs to. */
export interface ProblemOrigin {
  /** The path, without the query: it may carry a secret. */
  readonly instance: string
  readonly requestId: string
  readonly timestamp: string
}

/** The response body for an error of the table. */
export function problem(
  code: ErrorCode,
  info: RefusalDetail,
  { instance, requestId, timestamp: at }: ProblemOrigin,
): ProblemView {
  const { status, retryAfterSeconds, title, message, recoveryActions } = ERRORS[code]
  return {
    type: `urn:magnapp:error:${code}`,
    title,
    status,
    detail: info.detail ?? message,
    instance,
    error: true,
    error_code: code,
    message,
    recovery_actions: [...recoveryActions],
    context: { ...info.context },
    timestamp: at,
    retry_after: info.retryAfterSeconds ?? retryAfterSeconds,
    request_id: requestId,
  }
}
