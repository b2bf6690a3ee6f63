import type { Request } from 'express'
import type * as z from 'zod'
import type { Config } from '../platform/config.js'
import { hostnameOfAvatar } from '../wire/avatar.js'
import { WireError } from '../wire/errors.js'
import type { PathParameter, QueryOutput, RouteDefinition } from '../wire/route-definition.js'
import { isOwnHostname } from './own-host.js'

const ISSUES_MAX = 50
const MESSAGE_LENGTH_MAX = 200

export interface Issue {
  readonly path: string
  readonly message: string
}

/** A request's input after its route's schemas. */
export interface Input {
  readonly params: Readonly<Record<string, unknown>>
  readonly query: QueryOutput
  readonly body: unknown
}

/**
 * Creates the validator for a route's requests. It checks all parts, so that every fault is reported at once.
 * The result for an empty query is computed here, not per request.
 * @returns a function that throws {@link WireError}: `VALIDATION_ERROR` with `context.issues`, or the table's
 * error for an impossible id in the path
 */
export function validator(
  { params = {}, query, body, avatar }: Pick<RouteDefinition, 'params' | 'query' | 'body' | 'avatar'>,
  config: Pick<Config, 'PUBLIC_URL'>,
) {
  const noQuery = query.safeParse({})
  const named = Object.entries(params)
  return (request: Request, sent: unknown): Input => {
    const ids = named.length === 0 ? NO_PARAMS : paramsOf(request, named)
    const queried = request.url.includes('?') ? query.safeParse(request.query) : noQuery
    const given = body === null ? NOTHING_GIVEN : body.safeParse(sent)
    const own = avatar === undefined ? [] : ownAvatarIssues(sent, avatar, request, config)
    if (queried.success && given.success && own.length === 0 && ids.issues.length === 0) {
      return { params: ids.params, query: queried.data, body: given.data }
    }
    const issues = [
      ...ids.issues,
      ...issuesOf('query', queried).map((issue) => nameRepetition(issue, request)),
      ...issuesOf('body', given),
      ...own,
    ]
    throw new WireError('VALIDATION_ERROR', { context: { issues: issues.slice(0, ISSUES_MAX) } })
  }
}

const NO_PARAMS: Named = { params: {}, issues: [] }
const NOTHING_GIVEN = { success: true, data: undefined, error: undefined } as const

/** The ids in a path, and what is wrong with them. */
interface Named extends Pick<Input, 'params'> {
  readonly issues: readonly Issue[]
}

/** @throws {WireError} the table's error for an impossible id */
function paramsOf(request: Request, named: readonly (readonly [string, PathParameter])[]): Named {
  const params: Record<string, unknown> = {}
  const issues: Issue[] = []
  for (const [name, { schema, unknown }] of named) {
    const param = schema.safeParse(request.params[name])
    if (param.success) params[name] = param.data
    else if (unknown !== undefined) throw new WireError(unknown, { context: { [name]: null } })
    else issues.push(...param.error.issues.map(({ message }) => ({ path: name, message })))
  }
  return { params, issues }
}

type Part = Exclude<keyof Input, 'params'>

function issuesOf(part: Part, { error }: { readonly error?: z.ZodError | undefined }): Issue[] {
  return error === undefined ? [] : error.issues.map((issue) => describe(part, issue))
}

/** An avatar is fetched by everybody's browser, with their cookies: it must not ask this server for anything. */
function ownAvatarIssues(
  sent: unknown,
  member: NonNullable<RouteDefinition['avatar']>,
  request: Request,
  config: Pick<Config, 'PUBLIC_URL'>,
): Issue[] {
  const avatar: unknown = typeof sent === 'object' && sent !== null ? Reflect.get(sent, member) : undefined
  const hostname = typeof avatar === 'string' ? hostnameOfAvatar(avatar) : null
  if (hostname === null || !isOwnHostname(hostname, request, config)) return []
  return [{ path: member, message: "must not name this server's own host" }]
}

/** A repeated parameter has no value that people and proxies would agree on. */
function nameRepetition(issue: Issue, { query }: Request): Issue {
  const value = query[issue.path.replace('query.', '')]
  return Array.isArray(value) ? { ...issue, message: 'must be given once' } : issue
}

function describe(part: Part, issue: z.core.$ZodIssue): Issue {
  const path = issue.path.map(String)
  const message = issue.message.slice(0, MESSAGE_LENGTH_MAX)
  return { path: (part === 'body' ? path : [part, ...path]).join('.'), message }
}
