import * as z from 'zod'
import type { UserId } from '../../machines/ids.js'
import {
  ERROR_CATEGORIES,
  ERRORS,
  type ErrorCode,
  type ErrorDefinition,
  type RefusalDetail,
} from './errors.js'
import { timestamp } from './scalars.js'

/** `application/problem+json` (RFC 9457) with the product's own members (contract section 8). */
export const problemView = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z
    .string()
    .meta({ description: 'the specific cause; the same as `message` if nothing more specific is known' }),
  instance: z.string(),
  error: z.literal(true),
  error_code: z.string(),
  error_category: z.enum(ERROR_CATEGORIES),
  message: z.string().meta({ description: 'a sentence to show to the user' }),
  recovery_actions: z
    .array(z.string())
    .meta({ description: 'sentences to show to the user: what they can do, most useful first' }),
  context: z.record(z.string(), z.unknown()),
  timestamp,
  retry_after: z.int().nullable().meta({ description: 'seconds' }),
  request_id: z.string(),
  fallback_action: z
    .literal('full_page_reload')
    .optional()
    .meta({ description: 'only for a refused reconnect: the remaining option' }),
})

export type ProblemView = z.infer<typeof problemView>

/** Which request an error belongs to. */
export interface ProblemOrigin {
  /** The path, without the query: it may carry a secret. */
  readonly instance: string
  readonly requestId: string
  readonly timestamp: string
  /** The session id in the path, if it is valid. */
  readonly sessionId: string | null
  /** The authenticated participant. */
  readonly userId: UserId | null
  /** Whether the request was a reconnect. */
  readonly isReconnect: boolean
}

/** Context members with the same value whenever a code is used. */
const CONSTANTS: Partial<Record<ErrorCode, Readonly<Record<string, unknown>>>> = {
  GRACE_PERIOD_ERROR: { grace_period_active: true },
  NETWORK_PARTITION: { recovery_strategy: 'full_resync' },
  STATE_CORRUPTION: { requires_reset: true },
}

/** The response body for an error of the table. */
export function problem(code: ErrorCode, info: RefusalDetail, origin: ProblemOrigin): ProblemView {
  const { status, retryAfterSeconds, category, title, message, recoveryActions }: ErrorDefinition =
    ERRORS[code]
  const context = contextOf(code, info, origin)
  const sentence = filled(message, context)
  return {
    type: `urn:magnapp:error:${code}`,
    title,
    status,
    detail: info.detail ?? sentence,
    instance: origin.instance,
    error: true,
    error_code: code,
    error_category: category,
    message: sentence,
    recovery_actions: [...recoveryActions],
    context,
    timestamp: origin.timestamp,
    retry_after: info.retryAfterSeconds ?? retryAfterSeconds,
    request_id: origin.requestId,
    ...(origin.isReconnect ? { fallback_action: 'full_page_reload' } : {}),
  }
}

/** All context members that the table promises for the code, and whatever else is known. */
function contextOf(code: ErrorCode, info: RefusalDetail, origin: ProblemOrigin): Record<string, unknown> {
  const promised = Object.keys(ERRORS[code].context).map((member) => [member, null])
  return {
    ...Object.fromEntries(promised),
    ...(origin.sessionId === null ? {} : { session_id: origin.sessionId }),
    ...(origin.userId === null ? {} : { user_id: origin.userId }),
    ...CONSTANTS[code],
    ...info.context,
  }
}

/** A sentence with its placeholders filled from the context. */
function filled(sentence: string, context: Readonly<Record<string, unknown>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_braced, member) => String(context[member]))
}
