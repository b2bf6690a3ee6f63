import type * as z from 'zod'
import type { UserId } from '../../machines/ids.js'
import type { ErrorCode } from './errors.js'
import * as requests from './requests.js'
import * as responses from './responses.js'

/** How a request says whose it is: the query parameter that may name the token's owner. */
export type IdentityParameter = 'user_id' | 'kicker_id' | 'current_master_id'

/** What a query's schema makes of it. */
export type QueryOutput = Readonly<
  Record<string, unknown> & Partial<Record<IdentityParameter, UserId | undefined>>
>

/** What a path names beside the session. */
export interface PathParameter {
  readonly schema: z.ZodType
  /** What is answered for something that cannot be the id of anything; without it `VALIDATION_ERROR`. */
  readonly unknown?: ErrorCode
}

export interface RouteDefinition {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** In OpenAPI's form: `{session_id}`. */
  readonly path: string
  /** Of the names in the path, `session_id` excepted: where there is one, it is that of a session. */
  readonly params?: Readonly<Record<string, PathParameter>>
  readonly summary: string
  readonly tag: 'sessions' | 'voting' | 'participants' | 'stories' | 'events' | 'mobile' | 'health'
  /** Whose request it is must be proved; `null`: anybody's. */
  readonly identity: IdentityParameter | null
  readonly query: z.ZodType<QueryOutput>
  /** `null`: whatever body comes is not looked at. */
  readonly body: z.ZodType | null
  /** The body's member that is an avatar: an address of this server is none, and which those are a request says. */
  readonly avatar?: 'creator_avatar' | 'user_avatar'
  /** The kind of a body that is text; without it bodies are JSON. */
  readonly bodyMediaType?: 'text/csv'
  /** What a body may have at most, whatever `MAX_REQUEST_SIZE` allows beyond it (contract section 2). Of a `get` none is read. */
  readonly bodyBytesMax: number
  readonly success: {
    readonly status: 200 | 201
    /** Of the JSON; `null`: the answer is of another kind, or `null`. */
    readonly schema: z.ZodType | null
    /** The kind, or kinds, of an answer that is no JSON of the schema. */
    readonly mediaType?: string | readonly string[]
    /** The same answer under another status: what it says is not good. */
    readonly badStatus?: 503
  }
  /** Beside those that every route of its kind can answer. */
  readonly errors: readonly ErrorCode[]
}

/** Of a command's body: far more than any needs. */
export const COMMAND_BYTES_MAX = 16_384
/** A client may send all that it knows of a session. */
export const RECONNECT_BYTES_MAX = 65_536
/** One story, its notes in whatever escapes. */
export const STORY_BYTES_MAX = 65_536
/** Stories in bulk, and tables of them. */
export const STORIES_BYTES_MAX = 1_048_576

/** A Scrum Master's or participant's command on a session: identity by `user_id`, whatever body. */
export const command = {
  method: 'post',
  identity: 'user_id',
  query: requests.userQuery,
  body: null,
  bodyBytesMax: COMMAND_BYTES_MAX,
  success: { status: 200, schema: responses.doneView },
} as const

/** A question that anybody may ask. */
export const question = {
  method: 'get',
  identity: null,
  query: requests.noQuery,
  body: null,
  bodyBytesMax: COMMAND_BYTES_MAX,
} as const
