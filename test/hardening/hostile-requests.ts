import http from 'node:http'
import fc from 'fast-check'
import { ROUTES } from '../../src/wire/routes.js'

/** No input takes longer than this to be answered, even on the slowest machine. */
const ANSWER_MS_MAX = 1_000

/** A request with whatever somebody can think of in it. Ids appear by name until it is sent. */
export interface HostileRequest {
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer | null
}

/** Texts that mean something to some program. */
const ODD = [
  '',
  ' ',
  '\u0000',
  '\r\nX: y',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e309',
  '0x10',
  '9'.repeat(400),
  '../../etc/passwd',
  '%00',
  '%',
  '%zz',
  '%ff%fe',
  '<script>alert(1)</script>',
  "'; DROP TABLE users; --",
  '{{7*7}}',
  'javascript:alert(1)',
  '\ud800',
  '\u202e',
  '\u200d',
  '👩‍💻',
  `a${'\u0301'.repeat(400)}`,
  '\u2028',
  'ﷺ'.repeat(200),
  'x'.repeat(8_000),
  '['.repeat(3_000),
  '{"a":'.repeat(2_000),
]
const odd = fc.oneof(
  fc.constantFrom(...ODD),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

const MEMBERS = [
  'name',
  'creator_name',
  'creator_avatar',
  'user_name',
  'user_avatar',
  'vote',
  'client_state',
  'touch_coordinates',
  'pressure',
  'touch_timestamp',
  'user_id',
  '__proto__',
]
const STATE_MEMBERS = [
  'state_version',
  'state_checksum',
  'participants',
  'current_round',
  'status',
  'scrum_master_id',
  'votes',
]
const PARAMETERS = [
  'user_id',
  'kicker_id',
  'current_master_id',
  'new_master_id',
  'last_event_id',
  'after',
  'wait_seconds',
  'battery_level',
  '__proto__',
]
const HEADERS = [
  'Authorization',
  'Cookie',
  'Origin',
  'Sec-Fetch-Site',
  'Accept',
  'Content-Type',
  'Content-Encoding',
  'X-Request-Id',
  'traceparent',
  'tracestate',
  'If-None-Match',
  'Idempotency-Key',
  'Last-Event-ID',
  'X-Network-Type',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'Forwarded',
  'Range',
  'X-HTTP-Method-Override',
]

/** Known to everybody who watches; none of it is a secret. Filled in as the tables have it. */
const known = fc.constantFrom('SESSION', 'LEADER', 'MEMBER', 'OWN', '00000000-0000-4000-8000-000000000000')
const session = fc.oneof(
  { weight: 6, arbitrary: fc.constant('OWN') },
  { weight: 6, arbitrary: fc.constant('SESSION') },
  { weight: 1, arbitrary: known },
  { weight: 1, arbitrary: odd.map(encoded) },
)
const end = fc.oneof(
  { weight: 9, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom('/', '//', '/x', '%2f', ';x') },
)

const anyTarget = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(...Object.values(ROUTES)).map(({ method, path }) => ({ method, path })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      method: fc.constantFrom('get', 'post', 'delete', 'put', 'patch', 'head', 'options'),
      path: fc.constantFrom(
        '/',
        '/docs',
        '/openapi.json',
        '/api',
        '/s/SESSION',
        '/api/sessions/SESSION/vote',
      ),
    }),
  },
)

const anyValue = fc.oneof(
  odd,
  known,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(5, -1, 1e308, true, null, [], {}, '5', 'Ada', 'fox'),
)
const anyState = fc.dictionary(fc.constantFrom(...STATE_MEMBERS), anyValue)
const anyJson = fc.oneof(
  fc.dictionary(
    fc.constantFrom(...MEMBERS),
    fc.oneof({ weight: 4, arbitrary: anyValue }, { weight: 1, arbitrary: anyState }),
  ),
  fc.jsonValue(),
)
/** Enough for every route, except for one member. */
const almostRight = fc.tuple(fc.constantFrom(...MEMBERS), anyValue).map(([member, value]) => ({
  name: 'Sprint',
  creator_name: 'Eve',
  creator_avatar: 'fox',
  vote: '5',
  client_state: { state_version: 1 },
  [member]: value,
}))
const anyBody = fc.oneof(
  { weight: 3, arbitrary: almostRight.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 4, arbitrary: anyJson.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 1, arbitrary: odd.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
)

const anyHeader = fc.tuple(
  fc.constantFrom(...HEADERS),
  fc.oneof(
    odd.map(fieldValue),
    fc.constantFrom(
      'Bearer x',
      'magnapp_SESSION=x',
      'magnapp_SESSION=x; magnapp_SESSION=y',
      'same-origin',
      'application/json',
      'text/html',
      '*',
    ),
  ),
)

/** Any request that means harm, or means nothing. */
export const anyRequest: fc.Arbitrary<HostileRequest> = fc
  .record({
    target: anyTarget,
    session,
    user: known,
    end,
    isProven: fc.boolean(),
    query: fc.array(fc.tuple(fc.constantFrom(...PARAMETERS), fc.oneof(odd, known)), { maxLength: 3 }),
    headers: fc.array(anyHeader, { maxLength: 3 }),
    body: fc.option(anyBody, { freq: 4 }),
  })
  .map(({ target, session, user, end, isProven, headers, ...rest }) => ({
    ...rest,
    method: target.method.toUpperCase(),
    path: target.path.replace('{session_id}', session).replace('{user_id}', user) + end,
    headers: isProven ? [...headers, ['Authorization', 'Bearer TOKEN'] as const] : headers,
  }))

function encoded(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ed%a0%80'
}

/** The part of a text that a client can send in a field at all. */
function fieldValue(text: string): string {
  return text.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, '?')
}

/** What stands for the ids and the token that a stranger has. */
export interface Known {
  readonly SESSION: string
  readonly LEADER: string
  readonly MEMBER: string
  readonly OWN: string
  readonly TOKEN: string
}

function filled(text: string, known: Known): string {
  return Object.entries(known).reduce((so, [name, value]) => so.replaceAll(name, value), text)
}

export interface HostileAnswer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/**
 * Sends it on a connection of its own.
 * @returns what came within a moment; a stream does not end by itself
 * @throws when nothing came, or the connection broke
 */
export function send(
  url: string,
  request: HostileRequest,
  { known, answerMsMax = ANSWER_MS_MAX }: { readonly known: Known; readonly answerMsMax?: number },
): Promise<HostileAnswer> {
  const { method, path, query, headers, body } = request
  const search = query.map(([name, value]) => `${encoded(name)}=${encoded(filled(value, known))}`).join('&')
  return new Promise((resolve, reject) => {
    const exchange = http.request(`${url}${filled(path, known)}${search === '' ? '' : `?${search}`}`, {
      method,
      agent: false,
      headers: {
        ...(body === null ? {} : { 'Content-Type': 'application/json', 'Content-Length': body.length }),
        ...Object.fromEntries(headers.map(([name, value]) => [name, filled(value, known)])),
      },
    })
    const limit = setTimeout(() => {
      exchange.destroy()
      reject(new Error('no answer in time'))
    }, answerMsMax)
    exchange.on('error', reject)
    exchange.on('response', (response) => {
      const answer = { status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '' }
      let text = ''
      const done = () => {
        clearTimeout(limit)
        exchange.destroy()
        resolve({ ...answer, text })
      }
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
        if (answer.type.startsWith('text/event-stream')) done()
      })
      response.on('end', done)
    })
    exchange.end(body === null ? undefined : Buffer.from(filled(body.toString('latin1'), known), 'latin1'))
  })
}
