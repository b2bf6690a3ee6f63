import type { Refusal } from '../../machines/session/refusal.js'
import type { AdmissionRefusal } from '../../machines/supervisor/admission.js'

/** The area that an error belongs to. */
export const ERROR_CATEGORIES = [
  'session',
  'user',
  'authorization',
  'voting',
  'connection',
  'mobile',
  'request',
  'server',
] as const

export type ErrorCategory = (typeof ERROR_CATEGORIES)[number]

export interface ErrorDefinition {
  readonly status: number
  /** Seconds after which a retry makes sense; also sent as `Retry-After`. `null`: a retry makes no sense. */
  readonly retryAfterSeconds: number | null
  readonly category: ErrorCategory
  readonly title: string
  /** One sentence to show to the user; names in braces are replaced by that member of the context. */
  readonly message: string
  /** Sentences to show to the user: what they can do, most useful first. */
  readonly recoveryActions: readonly string[]
  /** The members that its context always has, and what each means; a member that does not apply is `null`. */
  readonly context: Readonly<Record<string, string>>
}

const SESSION_ID = 'the session'
const VOTING_PHASE = "the session's status"

/**
 * Every error that a client can get (contract section 8). Code, status, retry and texts are defined
 * here and nowhere else. `RATE_LIMITED` computes its own retry: until the window ends.
 */
export const ERRORS = {
  SESSION_NOT_FOUND: {
    status: 404,
    retryAfterSeconds: null,
    category: 'session',
    title: 'Session not found',
    message: "The session you're trying to join no longer exists or has expired.",
    recoveryActions: ['Return to home page', 'Create a new session', 'Contact session owner'],
    context: { session_id: SESSION_ID, expired: 'whether the session is known to have existed' },
  },
  USER_NOT_FOUND: {
    status: 404,
    retryAfterSeconds: null,
    category: 'user',
    title: 'Participant not found',
    message: 'This person is not in the session.',
    recoveryActions: ['Refresh the page', 'Rejoin the session'],
    context: { session_id: SESSION_ID, user_id: 'the missing participant' },
  },
  SESSION_FULL: {
    status: 409,
    retryAfterSeconds: 60,
    category: 'session',
    title: 'Session full',
    message: 'This session is currently full ({max_capacity} participants maximum).',
    recoveryActions: ['Try again later', 'Contact session owner', 'Create a new session'],
    context: { session_id: SESSION_ID, current_count: 'participants', max_capacity: 'seats' },
  },
  MAX_SESSIONS_REACHED: {
    status: 429,
    retryAfterSeconds: 300,
    category: 'session',
    title: 'Server full',
    message: 'Maximum number of active sessions reached. Please try again later.',
    recoveryActions: ['Wait for a session to end', 'Try again in a few minutes'],
    context: { current_count: 'sessions', max_sessions: 'the limit' },
  },
  ROOM_TAKEN: {
    status: 409,
    retryAfterSeconds: null,
    category: 'session',
    title: 'Room taken',
    message: 'This room is open already.',
    recoveryActions: ['Join the session that is in it', 'Choose another room'],
    context: { session_id: 'the session in the room' },
  },
  SEAT_CODE_INVALID: {
    status: 404,
    retryAfterSeconds: null,
    category: 'authorization',
    title: 'Seat code not valid',
    message: 'This code does not open a seat. It may be mistyped, used already, or older than a minute.',
    recoveryActions: ['Get a new code on the other device', 'Join the session'],
    context: {},
  },
  STORY_NOT_FOUND: {
    status: 404,
    retryAfterSeconds: null,
    category: 'voting',
    title: 'Story not found',
    message: 'This story is not in the session any more.',
    recoveryActions: ['Refresh the stories'],
    context: { story_id: 'the missing story' },
  },
  AUTHENTICATION_REQUIRED: {
    status: 401,
    retryAfterSeconds: null,
    category: 'authorization',
    title: 'Authentication required',
    message: 'Please join the session first.',
    recoveryActions: ['Rejoin the session', 'Allow cookies for this page'],
    context: { session_id: SESSION_ID },
  },
  UNAUTHORIZED: {
    status: 403,
    retryAfterSeconds: null,
    category: 'authorization',
    title: 'Not allowed',
    message: "You don't have permission to perform this action.",
    recoveryActions: ['Contact the Scrum Master', 'Rejoin the session'],
    context: { user_id: 'the caller, if known', required_role: 'the role that may do it' },
  },
  VOTING_ERROR: {
    status: 400,
    retryAfterSeconds: null,
    category: 'voting',
    title: 'Not possible in this round',
    message: 'There was an issue with your vote submission.',
    recoveryActions: ['Try voting again', 'Refresh the page', 'Contact support'],
    context: { session_id: SESSION_ID, voting_phase: VOTING_PHASE },
  },
  SESSION_STATE_CONFLICT: {
    status: 409,
    retryAfterSeconds: null,
    category: 'session',
    title: 'Not possible in this status',
    message: 'This is not possible right now.',
    recoveryActions: ['Refresh the page', 'Contact the Scrum Master'],
    context: { session_id: SESSION_ID, status: VOTING_PHASE },
  },
  GRACE_PERIOD_ERROR: {
    status: 409,
    retryAfterSeconds: 60,
    category: 'session',
    title: 'Waiting for the Scrum Master',
    message: 'The session is currently in a grace period waiting for the Scrum Master.',
    recoveryActions: ['Wait for Scrum Master to return', 'A new Scrum Master will be assigned soon'],
    context: {
      session_id: SESSION_ID,
      grace_period_active: 'whether the session is waiting',
      grace_period_expires: 'when the wait ends',
    },
  },
  MOBILE_OPTIMIZATION_ERROR: {
    status: 400,
    retryAfterSeconds: null,
    category: 'mobile',
    title: 'Mobile optimization not possible',
    message: 'The battery level must be between 0 and 100.',
    recoveryActions: ['Try again', 'Go on without the optimization'],
    context: { user_id: "the phone's owner", optimization_type: 'the rejected condition' },
  },
  NETWORK_PARTITION: {
    status: 503,
    retryAfterSeconds: 10,
    category: 'connection',
    title: 'Connection was cut',
    message: 'Connection issues detected. Attempting to reconnect...',
    recoveryActions: ['Please wait for automatic reconnection', 'Refresh if connection fails'],
    context: {
      affected_clients: 'the disconnected participants',
      detection_time: 'when the partition was detected',
      recovery_strategy: '`full_resync`: a returning participant gets the whole session',
    },
  },
  STATE_CORRUPTION: {
    status: 500,
    retryAfterSeconds: 5,
    category: 'session',
    title: 'State was repaired',
    message: 'Session data inconsistency detected. Refreshing session state...',
    recoveryActions: ['Page will refresh automatically', 'Contact support if issues persist'],
    context: {
      session_id: SESSION_ID,
      corruption_type: 'the violated invariant',
      requires_reset: 'whether the client must fetch the whole session again',
    },
  },
  VALIDATION_ERROR: {
    status: 422,
    retryAfterSeconds: null,
    category: 'request',
    title: 'Invalid input',
    message: 'Some of what was entered is not valid.',
    recoveryActions: ['Correct the marked fields and try again'],
    context: { issues: 'every fault: `{path, message}`' },
  },
  MALFORMED_REQUEST: {
    status: 400,
    retryAfterSeconds: null,
    category: 'request',
    title: 'Malformed request',
    message: 'The request could not be understood.',
    recoveryActions: ['Refresh the page', 'Contact support'],
    context: {},
  },
  NOT_FOUND: {
    status: 404,
    retryAfterSeconds: null,
    category: 'request',
    title: 'Not found',
    message: 'There is nothing at this address.',
    recoveryActions: ['Check the address', 'Return to home page'],
    context: {},
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryAfterSeconds: null,
    category: 'request',
    title: 'Method not allowed',
    message: 'This address does not answer this method.',
    recoveryActions: ['Refresh the page', 'Contact support'],
    context: { allow: 'the allowed methods' },
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    retryAfterSeconds: null,
    category: 'request',
    title: 'Payload too large',
    message: 'This is more than the server takes at once ({max_bytes} bytes maximum).',
    recoveryActions: ['Send less at once'],
    context: { max_bytes: 'the limit for this body' },
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retryAfterSeconds: null,
    category: 'request',
    title: 'Unsupported media type',
    message: 'The request must be JSON, uncompressed, as application/json.',
    recoveryActions: ['Refresh the page', 'Contact support'],
    context: {},
  },
  RATE_LIMITED: {
    status: 429,
    retryAfterSeconds: null,
    category: 'request',
    title: 'Too many requests',
    message: 'Too many requests came from your network. Please wait a moment.',
    recoveryActions: ['Wait a moment and try again'],
    context: {},
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    retryAfterSeconds: 5,
    category: 'server',
    title: 'Not available',
    message: 'The server is restarting. Please try again in a moment.',
    recoveryActions: ['Please wait for automatic reconnection', 'Refresh if connection fails'],
    context: {},
  },
  INTERNAL_SERVER_ERROR: {
    status: 500,
    retryAfterSeconds: 30,
    category: 'server',
    title: 'Internal error',
    message: 'An unexpected error occurred. Our team has been notified.',
    recoveryActions: [
      'Refresh the page and try again',
      'Check your internet connection',
      'Contact support if the problem persists',
    ],
    context: { exception_type: 'the class of the error' },
  },
} as const satisfies Record<Refusal['code'] | AdmissionRefusal['code'], ErrorDefinition> &
  Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof ERRORS

/** What a refusal says beyond its code: a sentence for the user, and data for the client. */
export interface RefusalDetail {
  readonly detail?: string
  readonly context?: Readonly<Record<string, unknown>>
  /** Overrides the table's retry, in seconds. */
  readonly retryAfterSeconds?: number
}

/** For an unexpected error; the client learns only its class. */
export function internalError(error: unknown): WireError {
  const exception_type = error instanceof Error && KIND.test(error.name) ? error.name : 'Error'
  return new WireError('INTERNAL_SERVER_ERROR', { context: { exception_type } })
}

const KIND = /^\w{1,64}$/

/** A refusal thrown out of a request: the only way for a route to answer with an error of the table. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: ErrorCode
  readonly info: RefusalDetail

  constructor(code: ErrorCode, info: RefusalDetail = {}) {
    super(info.detail ?? ERRORS[code].title)
    this.code = code
    this.info = info
  }
}
