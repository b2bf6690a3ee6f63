import type * as z from 'zod'
import type { UserId } from '../../machines/ids.js'
import type { ErrorCode } from './errors.js'
import * as requests from './requests.js'
import * as responses from './responses.js'

/** The query parameter that may name the participant who makes the request. */
export type IdentityParameter = 'user_id' | 'kicker_id' | 'current_master_id'

/** The output of a query's schema. */
export type QueryOutput = Readonly<
  Record<string, unknown> & Partial<Record<IdentityParameter, UserId | undefined>>
>

/** The ids in a path besides the session's. */
export interface PathParameter {
  readonly schema: z.ZodType
  /** The error for an impossible id; by default `VALIDATION_ERROR`. */
  readonly unknown?: ErrorCode
}

export interface RouteDefinition {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** In OpenAPI's form: `{session_id}`. */
  readonly path: string
  /** The ids in the path, except `session_id`, which is always a session's. */
  readonly params?: Readonly<Record<string, PathParameter>>
  readonly summary: string
  readonly tag: 'sessions' | 'voting' | 'participants' | 'stories' | 'events' | 'mobile' | 'health'
  /** The caller must be authenticated; `null`: anybody may call. */
  readonly identity: IdentityParameter | null
  readonly query: z.ZodType<QueryOutput>
  /** `null`: any body is ignored. */
  readonly body: z.ZodType | null
  /**
   * The body's member that is an avatar: an address of this server is refused, and which those are depends on
   * the request.
   */
  readonly avatar?: 'creator_avatar' | 'user_avatar'
  /** The media type of a text body; by default bodies are JSON. */
  readonly bodyMediaType?: 'text/csv'
  /**
   * The size limit of a body, even if `MAX_REQUEST_SIZE` allows more (contract section 2). Bodies of `get`
   * requests are not read.
   */
  readonly bodyBytesMax: number
  readonly success: {
    readonly status: 200 | 201
    /** The schema of the JSON answer; `null`: the answer is of another type, or `null`. */
    readonly schema: z.ZodType | null
    /** The media types of an answer that is not JSON. */
    readonly mediaType?: string | readonly string[]
    /** The status of the same answer when its content is bad news. */
    readonly badStatus?: 503
  }
  /** In addition to those of every route of its kind. */
  readonly errors: readonly ErrorCode[]
}

/** The limit for a command's body: far more than any needs. */
export const COMMAND_BYTES_MAX = 16_384
/** A client may send everything it knows of a session. */
export const RECONNECT_BYTES_MAX = 65_536
/** One story, with its notes in any escapes. */
export const STORY_BYTES_MAX = 65_536
/** Stories in bulk, and tables of them. */
export const STORIES_BYTES_MAX = 1_048_576

/** A Scrum Master's or participant's command on a session: identity by `user_id`, body ignored. */
export const command = {
  method: 'post',
  identity: 'user_id',
  query: requests.userQuery,
  body: null,
  bodyBytesMax: COMMAND_BYTES_MAX,
  success: { status: 200, schema: responses.doneView },
} as const

/** A read that anybody may make. */
export const question = {
  method: 'get',
  identity: null,
  query: requests.noQuery,
  body: null,
  bodyBytesMax: COMMAND_BYTES_MAX,
} as const
