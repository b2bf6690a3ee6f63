import type { Refusal } from '../../machines/session/refusal.js'
import type { AdmissionRefusal } from '../../machines/supervisor/admission.js'

export interface ErrorDefinition {
  readonly status: number
  /** Seconds after which trying again makes sense; sent as `Retry-After` too. `null`: it makes none. */
  readonly retryAfterSeconds: number | null
  readonly title: string
  /** One sentence for a person. */
  readonly message: string
  /** What a client can do, most useful first. */
  readonly recoveryActions: readonly string[]
}

/**
 * Every error that a client can be given (contract section 8). Code, status, retry and texts are
 * here and nowhere else. `RATE_LIMITED` computes its own retry: until the window ends.
 */
export const ERRORS = {
  SESSION_NOT_FOUND: {
    status: 404,
    retryAfterSeconds: null,
    title: 'Session not found',
    message: 'This session does not exist, or it is over.',
    recoveryActions: ['check_session_id', 'create_session'],
  },
  USER_NOT_FOUND: {
    status: 404,
    retryAfterSeconds: null,
    title: 'Participant not found',
    message: 'This person is not in the session.',
    recoveryActions: ['refresh_session', 'join_session'],
  },
  SESSION_FULL: {
    status: 409,
    retryAfterSeconds: 60,
    title: 'Session full',
    message: 'Every seat of this session is taken.',
    recoveryActions: ['try_again_later', 'create_session'],
  },
  MAX_SESSIONS_REACHED: {
    status: 429,
    retryAfterSeconds: 300,
    title: 'Server full',
    message: 'The server holds as many sessions as it may; one has to end first.',
    recoveryActions: ['try_again_later', 'join_session'],
  },
  AUTHENTICATION_REQUIRED: {
    status: 401,
    retryAfterSeconds: null,
    title: 'Authentication required',
    message: 'Say who you are: send your user token.',
    recoveryActions: ['send_user_token', 'join_session'],
  },
  UNAUTHORIZED: {
    status: 403,
    retryAfterSeconds: null,
    title: 'Not allowed',
    message: 'You may not do this.',
    recoveryActions: ['ask_scrum_master', 'refresh_session'],
  },
  VOTING_ERROR: {
    status: 400,
    retryAfterSeconds: null,
    title: 'Not possible in this round',
    message: 'The round does not allow this now.',
    recoveryActions: ['refresh_session', 'wait_for_next_round'],
  },
  SESSION_STATE_CONFLICT: {
    status: 409,
    retryAfterSeconds: null,
    title: 'Not possible in this status',
    message: "The session's status does not allow this now.",
    recoveryActions: ['refresh_session'],
  },
  GRACE_PERIOD_ERROR: {
    status: 409,
    retryAfterSeconds: 60,
    title: 'Waiting for the Scrum Master',
    message: 'The session waits for its Scrum Master to come back.',
    recoveryActions: ['wait_for_scrum_master', 'refresh_session'],
  },
  MOBILE_OPTIMIZATION_ERROR: {
    status: 400,
    retryAfterSeconds: null,
    title: 'Mobile optimization not possible',
    message: 'The battery level must be between 0 and 100.',
    recoveryActions: ['correct_request'],
  },
  NETWORK_PARTITION: {
    status: 503,
    retryAfterSeconds: 10,
    title: 'Connection was cut',
    message: 'Your connection was cut together with others; reconnect first.',
    recoveryActions: ['reconnect', 'try_again_later'],
  },
  STATE_CORRUPTION: {
    status: 500,
    retryAfterSeconds: 5,
    title: 'State was repaired',
    message: 'The session had to be set back to its last good state.',
    recoveryActions: ['refresh_session', 'try_again_later'],
  },
  VALIDATION_ERROR: {
    status: 422,
    retryAfterSeconds: null,
    title: 'Invalid input',
    message: 'Some of what was sent is not valid.',
    recoveryActions: ['correct_request'],
  },
  MALFORMED_REQUEST: {
    status: 400,
    retryAfterSeconds: null,
    title: 'Malformed request',
    message: 'The request cannot be understood.',
    recoveryActions: ['correct_request'],
  },
  NOT_FOUND: {
    status: 404,
    retryAfterSeconds: null,
    title: 'Not found',
    message: 'There is nothing at this address.',
    recoveryActions: ['check_address'],
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryAfterSeconds: null,
    title: 'Method not allowed',
    message: 'This address does not answer this method.',
    recoveryActions: ['correct_request'],
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    retryAfterSeconds: null,
    title: 'Payload too large',
    message: 'The request is larger than this server reads.',
    recoveryActions: ['correct_request'],
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retryAfterSeconds: null,
    title: 'Unsupported media type',
    message: 'Send JSON, uncompressed, as application/json.',
    recoveryActions: ['correct_request'],
  },
  RATE_LIMITED: {
    status: 429,
    retryAfterSeconds: null,
    title: 'Too many requests',
    message: 'Too many requests came from your address.',
    recoveryActions: ['try_again_later'],
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    retryAfterSeconds: 5,
    title: 'Shutting down',
    message: 'The server is shutting down; try again in a moment.',
    recoveryActions: ['try_again_later'],
  },
  INTERNAL_SERVER_ERROR: {
    status: 500,
    retryAfterSeconds: 30,
    title: 'Internal error',
    message: 'Something went wrong on the server.',
    recoveryActions: ['try_again_later'],
  },
} as const satisfies Record<Refusal['code'] | AdmissionRefusal['code'], ErrorDefinition> &
  Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof ERRORS

/** What a refusal tells beyond its code: a sentence for a person, and data for a client. */
export interface RefusalDetail {
  readonly detail?: string
  readonly context?: Readonly<Record<string, unknown>>
  /** Overrides the table's retry, in seconds. */
  readonly retryAfterSeconds?: number
}

/** A refusal thrown through a request: the one way in which a route answers with an error of the table. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: ErrorCode
  readonly info: RefusalDetail

  constructor(code: ErrorCode, info: RefusalDetail = {}) {
    super(info.detail ?? ERRORS[code].message)
    this.code = code
    this.info = info
  }
}
