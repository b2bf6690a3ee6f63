import express, { type Request } from 'express'
import * as z from 'zod'
import { STORIES_MAX, STORY_LIMITS } from '../../machines/session/story.js'
import { headersFault } from '../../src/http/body.js'
import { addressOf } from '../../src/http/client-address.js'
import { mayActByCookie } from '../../src/http/cookie-origin.js'
import { idempotencyKey } from '../../src/http/idempotency/repeats.js'
import { bearerTokenOf } from '../../src/http/identity.js'
import { hasSeen } from '../../src/http/if-none-match.js'
import { safePath, safeUserAgent } from '../../src/http/middleware/loggable.js'
import { requestIdOf } from '../../src/http/middleware/request-facts.js'
import { isHostField } from '../../src/http/own-host.js'
import { cursorOf } from '../../src/http/routes/events.js'
import { networkTypeOf } from '../../src/http/routes/mobile.js'
import { cookieValues } from '../../src/http/token-cookie.js'
import { continueTrace } from '../../src/platform/trace-context.js'
import { importStories } from '../../src/wire/csv-import.js'
import { nameUnitsMax } from '../../src/wire/personal-text.js'
import type { RouteDefinition } from '../../src/wire/route-definition.js'
import { ROUTES } from '../../src/wire/routes.js'
import { storiesBody } from '../../src/wire/stories.js'

/** To parse it is what reading costs anyway, 1 to 2 ms on an idle machine. */
const LARGEST_BODY = JSON.stringify('a\u3000'.repeat(524_288))
/** The limit for judging one request's input, in times of that. */
const COST_MAX = 2
/** The limit for reading a table, in times of that: every character may be a cell, a row or a mark. */
const TABLE_COST_MAX = 20
/** The best of this many attempts counts: what else the machine does is not the input's cost. */
const ATTEMPTS_MAX = 20
/** What fits in a request's head. */
const HEAD_UNITS = 32_000

/** Texts that are long in a way that might trouble something. */
const LONG: Readonly<Record<string, (length: number) => string>> = {
  letters: of('a'),
  digits: of('1'),
  zeros: of('0'),
  spaces: of(' '),
  'spaces and a letter': (length) => `${' '.repeat(length - 1)}a`,
  'a letter and spaces': (length) => `a${' '.repeat(length - 1)}`,
  'words with wide spaces': of('a\u3000'),
  dots: of('.'),
  dashes: of('-'),
  slashes: of('/'),
  'dots and slashes': of('../'),
  'combining marks of two classes': (length) =>
    `a${'\u0301'.repeat(length / 2)}${'\u0323'.repeat(length / 2)}`,
  'letters with thirty marks': of(`a${'\u0323'.repeat(15)}${'\u0301'.repeat(15)}`),
  emoji: of('🦊'),
  'emoji with joiners': of('👩\u200d'),
  'one emoji of many': (length) => `${'👩\u200d'.repeat(length / 3)}👩`,
  'regional indicators': of('🇩'),
  'flags of tags that do not end': of('🏴\u{e0067}'),
  'Persian with non-joiners': of('م\u200c'),
  'viramas with joiners': of('ක්\u200d'),
  'marks with joiners': of('\u0301\u200d'),
  'letters that grow when composed': of('\u{1d160}'),
  'Hangul in pieces': of('\u1112\u1161\u11ab'),
  // UTF-8 cannot encode one: JSON takes six letters for it.
  'lone surrogates': (length) => '\ud800'.repeat(length / 6),
  'an address': (length) => `https://example.org/${'a'.repeat(length)}`,
  'an address of dots': (length) => `http://${'a.'.repeat(length / 2)}`,
  'an address of escapes': (length) => `https://example.org/${'%25'.repeat(length / 3)}`,
  'an address of many at signs': (length) => `https://${'@'.repeat(length)}`,
  'ids in a row': of('00000000-0000-4000-8000-000000000000'),
  'almost an id, again and again': of('00000000-'),
  quotes: of('"'),
  backslashes: of('\\'),
  escapes: of('%25'),
  semicolons: of(';'),
  'semicolons and spaces': of('; '),
  commas: of(', '),
  'names and values': of('a=1; '),
  nulls: of('\u0000'),
}

function of(part: string): (length: number) => string {
  return (length) => part.repeat(Math.ceil(length / part.length)).slice(0, length)
}

/** A body with more parts is not parsed at all. */
const MEMBERS_MAX = 7_281

/** Values that are not texts. */
const OTHER: Readonly<Record<string, (length: number) => unknown>> = {
  'an array': (length) => Array(Math.floor(length / 3)).fill({}),
  'an array of numbers': (length) => Array(Math.floor(length / 2)).fill(1),
  'an object': (length) =>
    Object.fromEntries(
      Array.from({ length: Math.min(MEMBERS_MAX, length / 9) }, (_, index) => [`m${index}`, 1]),
    ),
  'a deep array': (length) => JSON.parse('['.repeat(length / 2) + ']'.repeat(length / 2)),
}

function msOf(work: () => unknown): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}

const parseMs = () => msOf(() => JSON.parse(LARGEST_BODY))
const usualParseMs = Math.min(...Array.from({ length: ATTEMPTS_MAX }, parseMs))

/** What costs more than it may, in words. What looks so is compared again, attempt by attempt. */
function dear(what: string, judge: () => unknown, costMax = COST_MAX): string[] {
  if (msOf(judge) <= costMax * usualParseMs) return []
  let [parsing, judging] = [parseMs(), msOf(judge)]
  for (let attempt = 1; attempt < ATTEMPTS_MAX && judging > costMax * parsing; attempt += 1) {
    parsing = Math.min(parsing, parseMs())
    judging = Math.min(judging, msOf(judge))
  }
  if (judging <= costMax * parsing) return []
  return [`${what}: ${judging.toFixed(1)} ms, ${(judging / parsing).toFixed(1)} times`]
}

/** Where in an input something may be: the members that a schema knows, and theirs. */
function placesIn(schema: Described): string[][] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
    [name],
    ...placesIn(inner).map((place) => [name, ...place]),
  ])
  return [...own, ...(schema.anyOf ?? []).flatMap(placesIn)]
}

interface Described {
  readonly properties?: Readonly<Record<string, Described>>
  readonly anyOf?: readonly Described[]
}

const described = (schema: z.ZodType): Described =>
  JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })))

/** An input with a value in one place, and sensible elsewhere if the schema says what is. */
function withValue(input: object, [name = '', ...rest]: readonly string[], value: unknown): object {
  const inner: object = new Map(Object.entries(input)).get(name) ?? {}
  return { ...input, [name]: rest.length === 0 ? value : withValue(inner, rest, value) }
}

function* inputsOf(schema: z.ZodType, values: Iterable<readonly [string, unknown]>) {
  const { examples } = schema.meta() ?? {}
  const example: unknown = Array.isArray(examples) ? examples[0] : {}
  const places = placesIn(described(schema))
  for (const [name, value] of values) {
    yield [name, value] as const
    for (const place of places) {
      yield [`${place.join('.')}: ${name}`, withValue(Object(example), place, value)] as const
    }
  }
}

function* valuesOf(kinds: Readonly<Record<string, (length: number) => unknown>>, lengths: readonly number[]) {
  for (const length of lengths) {
    for (const [name, make] of Object.entries(kinds)) yield [`${length} of ${name}`, make(length)] as const
  }
}

/** As much of a text as a body may have, in UTF-8. */
function cutTo(bytesMax: number, value: unknown): unknown {
  if (typeof value !== 'string') return value
  const bytes = Buffer.byteLength(value)
  return bytes <= bytesMax ? value : value.slice(0, (value.length * bytesMax) / bytes)
}

/** Around every limit there is, and the most that is possible. */
const LENGTHS = [30, 50, 100, 200, 400, 800]

const ORIGINS = { CORS_ORIGINS: ['https://poker.example'], CORS_CREDENTIALS: true, PUBLIC_URL: null }
const app = express().set('trust proxy', 16)

/** A request that came through trusted proxies. */
function forwarded(headers: Record<string, string>): Request {
  const request: Request = Object.create(app.request)
  return Object.assign(request, {
    method: 'GET',
    headers: { host: 'x', ...headers },
    socket: { remoteAddress: '127.0.0.1' },
  })
}

/** A refusal is thrown, and timed like what is accepted. */
function refusedOr(judge: () => unknown): unknown {
  try {
    return judge()
  } catch (error) {
    return error
  }
}

const routes = Object.entries<RouteDefinition>(ROUTES)

/** Why: judging an input costs its sender a few bytes and everybody else the time. */
describe('the longest inputs, accepted or refused, are judged in twice the time of parsing the largest body', () => {
  test.each(routes)('query of %s', (_name, { query }) => {
    const texts = [...valuesOf(LONG, [...LENGTHS, HEAD_UNITS])]
    const repeated = texts.map(([name, text]) => [`${name}, twice`, [text, text]] as const)
    const costs = [...inputsOf(query, [...texts, ...repeated])].flatMap(([what, input]) =>
      dear(what, () => query.safeParse(input)),
    )
    expect(costs).toEqual([])
  })

  test.each(
    routes.flatMap(([name, { body, bodyBytesMax }]) => (body === null ? [] : [{ name, body, bodyBytesMax }])),
  )('body of $name', ({ body, bodyBytesMax }) => {
    const values = [...valuesOf({ ...LONG, ...OTHER }, [...LENGTHS, bodyBytesMax])]
    const fitting = values.map(([name, value]) => [name, cutTo(bodyBytesMax, value)] as const)
    const costs = [...inputsOf(body, fitting)].flatMap(([what, input]) =>
      dear(what, () => body.safeParse(input)),
    )
    expect(costs).toEqual([])
  })

  test.each(
    Object.entries<(text: string) => unknown>({
      Host: isHostField,
      Cookie: (text) => cookieValues(text, 'magnapp_x'),
      'Cookie of one name': (text) =>
        cookieValues(`magnapp_x=${text}`.repeat(1 + HEAD_UNITS / text.length / 2), 'magnapp_x'),
      Authorization: bearerTokenOf,
      'Authorization of a token': (text) => bearerTokenOf(`Bearer ${text}`),
      'X-Request-Id': requestIdOf,
      'If-None-Match': (text) => hasSeen(text, '"1-1"'),
      'Idempotency-Key': (text) => refusedOr(() => idempotencyKey(forwarded({ 'idempotency-key': text }))),
      'Last-Event-ID': cursorOf,
      'X-Forwarded-For': addressOf,
      'X-Forwarded-For as it is read': (text) => forwarded({ 'x-forwarded-for': text }).ip,
      'X-Forwarded-Host as it is read': (text) => forwarded({ 'x-forwarded-host': text }).host,
      'X-Forwarded-Proto as it is read': (text) => forwarded({ 'x-forwarded-proto': text }).protocol,
      'Accept and Sec-Fetch-Site': (text) => mayActByCookie(forwarded({ accept: text }), ORIGINS),
      Origin: (text) => mayActByCookie(forwarded({ origin: text }), ORIGINS),
      path: safePath,
      'user agent': safeUserAgent,
      'Content-Type': (text) => headersFault({ 'content-type': text }, { bytesMax: 1, isIgnored: false }),
      'Content-Encoding': (text) =>
        headersFault({ 'content-encoding': text }, { bytesMax: 1, isIgnored: false }),
      'X-Network-Type': networkTypeOf,
      traceparent: (text) => continueTrace(text, () => '0123456789abcdef'),
    }),
  )('the header %s', (_name, judge) => {
    const costs = [...valuesOf(LONG, [...LENGTHS, HEAD_UNITS])].flatMap(([what, text]) =>
      dear(what, () => judge(String(text))),
    )
    expect(costs).toEqual([])
  })
})

const TABLE_BYTES_MAX = ROUTES.importStories.bodyBytesMax

/** Tables as long as a body may be, each of many times the same. */
const TABLES: Readonly<Record<string, (part: string) => string>> = {
  'a header': (text) => text,
  'a header, quoted': (text) => `"${text}"`,
  'what stands below the header': (text) => `Title\n${text}`,
  'a quoted title': (text) => `Title\n"${text}"`,
  'a cell separated by tabs': (text) => `Title\tNotes\n${text}`,
  notes: (text) => `Title,Notes\nx,${text}`,
  'quoted notes': (text) => `Title,Notes\nx,"${text}"`,
  'a column that nobody imports': (text) => `Title,Comment\nx,"${text}"`,
}

/** As the body of a request: what is put together or cut in memory takes longer to read. */
function asSent(text: string): string {
  return Buffer.from(text).subarray(0, TABLE_BYTES_MAX).toString()
}

/** What a table may repeat: every long text, and everything that means something in a table. */
const PARTS = [
  ...Object.values(LONG).map((make) => make(120)),
  ',',
  ';',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '""',
  'x\n',
  'x\r',
  ',\n',
  '"x",',
]

describe('tables are read in twenty times the time of parsing the largest body', () => {
  test.each(Object.entries(TABLES))('%s', (_where, table) => {
    const costs = PARTS.flatMap((part) => {
      const text = asSent(table(part.repeat(TABLE_BYTES_MAX / part.length)))
      return dear(JSON.stringify(part.slice(0, 20)), () => importStories(text), TABLE_COST_MAX)
    })
    expect(costs).toEqual([])
  })

  test.each([98, 497, 1_000, 99_000])('rows of %d cells', (columns) => {
    const row = `x${',x'.repeat(columns - 1)}\n`
    const text = asSent(`Title${',x'.repeat(columns - 1)}\n${row.repeat(TABLE_BYTES_MAX / row.length)}`)
    expect(dear('rows', () => importStories(text), TABLE_COST_MAX)).toEqual([])
  })

  /** Why: judging the stories is not the table's cost; they may come as JSON too. */
  test.each(Object.entries(LONG))('two hundred stories of %s, besides judging them', (what, make) => {
    const title = asSent(make(nameUnitsMax(STORY_LIMITS.titleLength)))
    const notes = asSent(make(TABLE_BYTES_MAX / STORIES_MAX / 4))
    const stories = Array.from({ length: STORIES_MAX }, () => ({ title, notes }))
    const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`
    const text = asSent(`Title,Notes\n${`${quoted(title)},${quoted(notes)}\n`.repeat(STORIES_MAX)}`)
    const judging = () => msOf(() => storiesBody.safeParse({ stories }))
    const judgingMs = Math.min(judging(), judging(), judging())
    const costMax = TABLE_COST_MAX + (2 * judgingMs) / usualParseMs
    expect(dear(what, () => importStories(text), costMax)).toEqual([])
  })
})
