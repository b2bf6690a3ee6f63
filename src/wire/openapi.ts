import * as z from 'zod'
import { ERRORS, type ErrorCode, type ErrorDefinition } from './errors.js'
import { ENVELOPES, EVENT_TYPES, eventView } from './events.js'
import { pastRoundView } from './history.js'
import { problemView } from './problem.js'
import type { RouteDefinition } from './route-definition.js'
import { ROUTES } from './routes.js'
import { sessionId } from './scalars.js'
import { settingsView } from './settings.js'
import { roundStoryView, storyView } from './stories.js'
import { changeView, conflictView, permissionsView } from './sync.js'
import {
  mobileView,
  roundView,
  serverStateView,
  sessionSummaryView,
  sessionView,
  statisticsView,
  userView,
  voteView,
} from './views.js'

type Json = { readonly [member: string]: unknown }

/** Schemas with their own name; others refer to them by it. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  User: userView,
  Vote: voteView,
  VotingStatistics: statisticsView,
  VotingRound: roundView,
  RoundStory: roundStoryView,
  Story: storyView,
  PastRound: pastRoundView,
  SessionSettings: settingsView,
  MobileOptimizations: mobileView,
  Session: sessionView,
  SessionSummary: sessionSummaryView,
  ServerState: serverStateView,
  Change: changeView,
  Conflict: conflictView,
  Permissions: permissionsView,
  Problem: problemView,
  Event: eventView,
}

/** The errors that a route may return besides its own, by kind of route. */
const SESSION_ERRORS: readonly ErrorCode[] = ['SESSION_NOT_FOUND']
const IDENTITY_ERRORS: readonly ErrorCode[] = ['AUTHENTICATION_REQUIRED', 'UNAUTHORIZED', 'USER_NOT_FOUND']
const BODY_ERRORS: readonly ErrorCode[] = [
  'MALFORMED_REQUEST',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'VALIDATION_ERROR',
]
const COMMAND_ERRORS: readonly ErrorCode[] = ['STATE_CORRUPTION', 'SERVICE_UNAVAILABLE']
const COMMON_ERRORS: readonly ErrorCode[] = ['RATE_LIMITED', 'INTERNAL_SERVER_ERROR']

const DESCRIPTION = `Planning poker in real time: commands over REST, numbered events over Server-Sent Events.

An action needs the participant's \`user_token\`, as a bearer token or as the cookie that was set with it.
Errors are problem details (RFC 9457). Unknown members of a body are ignored.`

/** The version of the API; the program's version is in `/health`. */
const API_VERSION = '1.0.0'

/** The description of the API (OpenAPI 3.1), from the same table and schemas that validate. */
export function openApi(): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'MagnaPP Planning Poker API',
      version: API_VERSION,
      summary: 'Real-time collaborative planning poker backend',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: TAGS.map(([name, description]) => ({ name, description })),
    paths: paths(),
    components: { schemas: schemas(), responses: problemResponses(), securitySchemes: SECURITY_SCHEMES },
  }
}

const TAGS = [
  ['sessions', 'Create, view, join, leave, pause, end'],
  ['voting', 'Rounds'],
  ['participants', 'Remove, hand over, reconnect'],
  ['stories', 'Stories and results'],
  ['events', 'The stream, and the same events by long poll'],
  ['mobile', 'Going easy on phones'],
  ['health', 'Whether the server works'],
] as const

const SECURITY_SCHEMES = {
  userToken: { type: 'http', scheme: 'bearer', description: "A participant's `user_token`" },
  tokenCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'magnapp_{session_id}',
    description:
      'The same token, in the cookie set when creating or joining; one per session. Over HTTPS its name begins with `__Host-`',
  },
}

function paths(): Json {
  const byPath: Record<string, Record<string, Json>> = {}
  for (const [name, route] of Object.entries<RouteDefinition>(ROUTES)) {
    byPath[route.path] = { ...byPath[route.path], [route.method]: operation(name, route) }
  }
  return byPath
}

function operation(name: string, route: RouteDefinition): Json {
  const needsIdentity = route.identity !== null
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.tag],
    security: needsIdentity ? [{ userToken: [] }, { tokenCookie: [] }] : [{}],
    parameters: parameters(name, route),
    ...(route.body === null
      ? {}
      : {
          requestBody: {
            required: !route.body.safeParse(undefined).success,
            content: {
              [route.bodyMediaType ?? 'application/json']: {
                schema: reference(`${name}Request`),
                ...exampleOf(route.body),
              },
            },
          },
        }),
    responses: responses(name, route),
  }
}

function exampleOf(schema: z.ZodType): Json {
  const examples = schema.meta()?.examples
  return Array.isArray(examples) ? { example: examples[0] } : {}
}

function parameters(name: string, route: RouteDefinition): Json[] {
  const { properties = {}, required = [] } = jsonSchema(route.query)
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: jsonSchema(route.params?.[parameter]?.schema ?? sessionId),
  }))
  const inQuery = Object.entries(properties as Json).map(([parameter, schema]) => ({
    name: parameter,
    in: 'query',
    required: (required as readonly string[]).includes(parameter),
    schema,
  }))
  const header = (header: string, schema: Json, description: string) => ({
    name: header,
    in: 'header',
    schema,
    description,
  })
  return [
    ...inPath,
    ...inQuery,
    ...(name === 'stream'
      ? [header('Last-Event-ID', { type: 'string' }, 'the last version seen; wins over the query')]
      : []),
    ...(name === 'optimizeMobile'
      ? [
          header(
            'X-Network-Type',
            { type: 'string', examples: ['4g', '2g', 'slow-2g'] },
            'the effective connection type',
          ),
        ]
      : []),
    ...(route.method === 'get'
      ? []
      : [
          header(
            'Idempotency-Key',
            { type: 'string', minLength: 16, maxLength: 128 },
            'an unguessable secret, preferably a UUID: for ten minutes, the same request with the same key returns the first outcome and executes nothing again',
          ),
        ]),
  ]
}

function responses(name: string, route: RouteDefinition): Json {
  const { status, schema, mediaType, badStatus } = route.success
  const content =
    mediaType === undefined
      ? { 'application/json': { schema: schema === null ? {} : reference(`${name}Response`) } }
      : Object.fromEntries(
          [mediaType].flat().map((type) => [type, { schema: TEXTS[type] ?? { type: 'string' } }]),
        )
  return {
    [status]: { description: route.summary, content },
    ...(badStatus === undefined
      ? {}
      : { [badStatus]: { description: 'The server is not healthy', content } }),
    ...(name === 'getSession'
      ? { 304: { description: 'Unchanged since the version in `If-None-Match`' } }
      : {}),
    ...Object.fromEntries(
      errorsByStatus(route).map(([status, codes]) => [
        status,
        { $ref: `#/components/responses/${responseId(codes)}` },
      ]),
    ),
  }
}

/** The schemas of answers that are a file or a stream; all others are plain text. */
const TEXTS: Readonly<Record<string, Json>> = {
  'application/json': { type: 'object' },
  'text/event-stream': { type: 'string', description: 'Frames; each `data:` is one `Event`' },
}

function errorsByStatus(route: RouteDefinition): [number, ErrorCode[]][] {
  const codes = new Set([
    ...route.errors,
    ...(route.path.includes('{session_id}') ? SESSION_ERRORS : []),
    ...(route.identity === null ? [] : IDENTITY_ERRORS),
    ...(route.body === null ? [] : BODY_ERRORS),
    ...(route.method === 'get' ? [] : (['PAYLOAD_TOO_LARGE'] as const)),
    ...(jsonSchema(route.query).properties === undefined ? [] : (['VALIDATION_ERROR'] as const)),
    ...(route.method === 'get' ? [] : COMMAND_ERRORS),
    ...COMMON_ERRORS,
  ])
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes)
    byStatus.set(ERRORS[code].status, [...(byStatus.get(ERRORS[code].status) ?? []), code])
  return [...byStatus].sort(([one], [other]) => one - other)
}

/** Routes that can return the same errors share the description of that response. */
function problemResponses(): Json {
  const groups = Object.values<RouteDefinition>(ROUTES).flatMap(errorsByStatus)
  return Object.fromEntries(groups.map(([, codes]) => [responseId(codes), problemResponse(codes)]))
}

function responseId(codes: readonly ErrorCode[]): string {
  return codes.join('-or-')
}

function problemResponse(codes: readonly ErrorCode[]): Json {
  return {
    description: codes.map(describeError).join('\n\n'),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [reference('Problem'), { type: 'object', properties: { error_code: { enum: codes } } }],
        },
      },
    },
  }
}

function describeError(code: ErrorCode): string {
  const { message, context }: ErrorDefinition = ERRORS[code]
  const members = Object.entries(context).map(([member, meaning]) => `\`${member}\` (${meaning})`)
  return `\`${code}\`: ${message}${members.length === 0 ? '' : ` Context: ${members.join(', ')}.`}`
}

/** All components: the named schemas, each route's request and response, and each event. */
function schemas(): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id })
  for (const [name, { body, success }] of Object.entries<RouteDefinition>(ROUTES)) {
    if (body !== null) add(registry, body, `${name}Request`)
    if (success.schema !== null) add(registry, success.schema, `${name}Response`)
  }
  for (const [index, schema] of ENVELOPES.entries())
    registry.add(schema, { id: `${EVENT_TYPES[index]}_event` })
  const made = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: 'any',
  })
  const clean = Object.entries(made.schemas).map(([id, schema]) => [id, withoutHeader(schema)])
  return { ...Object.fromEntries(clean), ...aliases() }
}

/** One schema has one name in a registry; a second name refers to the first. */
function add(registry: z.core.$ZodRegistry<{ id: string }>, schema: z.ZodType, id: string): void {
  if (registry.get(schema) === undefined) registry.add(schema, { ...schema.meta(), id })
}

function aliases(): Json {
  const first = new Map<z.ZodType, string>(Object.entries(NAMED).map(([id, schema]) => [schema, id]))
  const found: Record<string, Json> = {}
  for (const [name, { body, success }] of Object.entries<RouteDefinition>(ROUTES)) {
    for (const [schema, id] of [
      [body, `${name}Request`],
      [success.schema, `${name}Response`],
    ] as const) {
      if (schema === null) continue
      const known = first.get(schema)
      if (known === undefined) first.set(schema, id)
      else found[id] = reference(known)
    }
  }
  return found
}

function jsonSchema(schema: z.ZodType): Json {
  return withoutHeader(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
}

function withoutHeader({ $schema: _schema, $id: _id, id: _name, ...schema }: Json): Json {
  return schema
}

function reference(id: string): Json {
  return { $ref: `#/components/schemas/${id}` }
}
