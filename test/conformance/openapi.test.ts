import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import { type Answer, Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { TestStream } from '../support/sse.js'

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content: Record<string, { readonly example?: object }> }
  readonly responses: Record<string, { readonly $ref?: string; readonly content?: Record<string, unknown> }>
}

let server: BuiltServer
let api: Api
let description: Answer['body']
let ajv: Ajv2020

beforeAll(async () => {
  server = await startBuiltServer({ RATE_LIMITING: 'false', LOG_REQUESTS: 'false', MAX_SESSIONS: '2000' })
  api = new Api(server.url)
  description = (await api.request('/openapi.json')).body
  ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(description, 'openapi')
})

afterAll(() => server.stop())

const operations = (): [string, string, Operation][] =>
  Object.entries<Record<string, Operation>>(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
      path,
      method,
      operation,
    ]),
  )

const escaped = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))

/** Says what in an answer the description does not allow. */
function unlikeDescription(path: string, method: string, answer: Answer): string | null {
  const { responses } = description.paths[path][method] as Operation
  const described = responses[String(answer.status)]
  if (described === undefined) return `${method} ${path} answered ${answer.status}: ${answer.text}`
  const type = answer.headers.get('content-type')?.split(';')[0] ?? ''
  const response =
    described.$ref?.replace('#', 'openapi#') ??
    `openapi#/paths/${escaped(path)}/${method}/responses/${answer.status}`
  if (type === '') return null
  const validate = ajv.getSchema(`${response}/content/${escaped(type)}/schema`)
  if (validate === undefined) return `${method} ${path} answered ${type}`
  return validate(type.includes('json') ? answer.body : answer.text)
    ? null
    : `${method} ${path} ${answer.status}: ${ajv.errorsText(validate.errors)} ${answer.text}`
}

/** A value for a place where anything could come: often what fits, sometimes what does not. */
const anyValue = fc.oneof(
  fc.constantFrom('5', '8', 'Ada', 'fox', 'abc', '', '100', null, 5, true, [], {}),
  fc.string(),
  fc.jsonValue(),
)

const anyBody = (example: object | undefined) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(example) },
    { weight: 1, arbitrary: fc.constant(undefined) },
    {
      weight: 2,
      arbitrary: fc.record(
        Object.fromEntries(Object.keys(example ?? { client_state: 1 }).map((name) => [name, anyValue])),
      ),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
  )

/** The commands before, who asks, and with what. */
interface Case {
  readonly history: readonly string[]
  readonly actor: 'leader' | 'member' | 'nobody' | 'stranger'
  readonly isKnown: boolean
  readonly body: (ada: Person, storyId: string) => unknown
  readonly query: (bob: Person) => string
}

/** Calls one operation in a session of its own, and checks the answer. @returns its status */
async function ask([path, method, operation]: [string, string, Operation], asked: Case): Promise<number> {
  const ada = await api.create('Sprint', 'Ada', { settings: { round_seconds: 60 } })
  const bob = await api.join(ada.sessionId)
  const story = await api.post(`/api/sessions/${ada.sessionId}/stories`, {
    by: ada,
    body: { title: 'Story' },
  })
  for (const command of asked.history) {
    const body = command === 'vote' ? { vote: '5' } : undefined
    await api.post(`/api/sessions/${ada.sessionId}/${command}`, { by: ada, body })
  }
  const people: Record<string, Person | undefined> = {
    leader: ada,
    member: bob,
    stranger: { ...bob, token: 'x' },
  }
  const by = people[asked.actor]
  const address = path
    .replace('{session_id}', asked.isKnown ? ada.sessionId : '00000000-0000-4000-8000-000000000000')
    .replace('{user_id}', bob.userId)
    .replace('{story_id}', story.body.stories[0].id)
    .replace('{room}', 'team-blue')
  const [type = 'application/json'] = Object.keys(operation.requestBody?.content ?? {})
  const body = await asked.body(ada, story.body.stories[0].id)
  const answer = await api.request(`${address}?${asked.query(bob)}`, {
    method: method.toUpperCase(),
    ...(by === undefined ? {} : { by }),
    ...(body === undefined || method === 'get'
      ? {}
      : {
          headers: { 'Content-Type': type },
          body: typeof body === 'string' && type === 'text/csv' ? body : JSON.stringify(body),
        }),
  })
  expect(unlikeDescription(path, method, answer)).toBeNull()
  if (operation.operationId !== 'endSession') {
    await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
  }
  return answer.status
}

const exampleOf = ({ requestBody }: Operation) => Object.values(requestBody?.content ?? {})[0]?.example

/** All but the stream, whose answer never ends. */
const askable = () => operations().filter(([, , { operationId }]) => operationId !== 'stream')

test('matches what the server answers when all is well: every operation', async () => {
  const histories: Record<string, readonly string[]> = {
    castVote: ['start'],
    touchVote: ['start'],
    revealVotes: ['start', 'vote'],
    resumeSession: ['pause'],
    acceptEstimate: ['start', 'vote', 'reveal'],
    extendRound: ['start'],
    nudgeParticipant: ['start'],
  }
  const bodies: Record<string, Case['body']> = {
    orderStories: (_ada, storyId) => ({ ids: [storyId] }),
    takeSeat: async (ada) => ({ code: (await api.command(ada, 'seat-code')).body.code }),
  }
  for (const [path, method, operation] of askable()) {
    const history = histories[operation.operationId] ?? []
    const query = (bob: Person) =>
      operation.operationId === 'transferLeadership' ? `new_master_id=${bob.userId}` : ''
    const body = bodies[operation.operationId] ?? (() => exampleOf(operation))
    const asked: Case = { history, actor: 'leader', isKnown: true, body, query }
    expect([operation.operationId, await ask([path, method, operation], asked)]).toEqual([
      operation.operationId,
      Number(Object.keys(operation.responses)[0]),
    ])
  }
})

test('matches what the server answers, in any state, to anything sent', async () => {
  const all = askable()
  const anyCase = fc.constantFrom(...all).chain((one) => {
    const [, , operation] = one
    const asked = fc.record({
      history: fc.constantFrom(
        [],
        ['start'],
        ['start', 'vote'],
        ['start', 'vote', 'reveal'],
        ['start', 'pause'],
      ),
      actor: fc.constantFrom('leader', 'member', 'nobody', 'stranger'),
      isKnown: fc.constantFrom(true, true, true, false),
      body: anyBody(exampleOf(operation)).map((body) => () => body),
      query: queryFor(operation),
    })
    return asked.map((chosen) => [one, chosen] as const)
  })
  await fc.assert(
    fc.asyncProperty(anyCase, async ([one, asked]) => {
      await ask(one, asked)
    }),
    { numRuns: 500 },
  )
}, 60_000)

/** Values for an operation's query: sensible, missing and wrong. `BOB` becomes a participant's id. */
function queryFor({ parameters }: Operation): fc.Arbitrary<(bob: Person) => string> {
  const values: Record<string, readonly string[]> = {
    battery_level: ['50', '10', '101'],
    after: ['0', '1', 'x'],
    wait_seconds: ['0', '0.01', 'x'],
  }
  const names = parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name)
  const chosen = names.map((name) => [name, fc.constantFrom('', ...(values[name] ?? ['BOB', 'x']))] as const)
  return fc.record(Object.fromEntries(chosen)).map((query) => (bob) => {
    const given = Object.entries(query).filter(([, text]) => text !== '')
    return given.map(([name, text]) => `${name}=${text === 'BOB' ? bob.userId : text}`).join('&')
  })
}

test('describes every frame of a stream', async () => {
  const ada = await api.create()
  const stream = await new TestStream(server.url, ada.sessionId, { lastEventId: 999 }).untilType(
    'state_sync_required',
  )
  const bob = await api.join(ada.sessionId)
  await api.command(ada, 'start')
  await api.command(bob, 'vote', { vote: '5' })
  await api.command(ada, 'reveal')
  await api.command(ada, 'pause')
  await api.command(ada, 'resume')
  await api.command(ada, 'extend')
  await api.command(ada, `transfer?new_master_id=${bob.userId}`)
  await api.post(`/api/mobile/${ada.sessionId}/optimize?battery_level=10`, { by: bob })
  await api.command(ada, 'leave')
  await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: bob })
  await stream.untilClosed()
  const validate = ajv.getSchema('openapi#/components/schemas/Event')
  for (const { data } of stream.frames) {
    if (validate?.(data) !== true) throw new Error(`${data.type}: ${ajv.errorsText(validate?.errors)}`)
  }
  expect(new Set(stream.types).size).toBe(13)
})

test('the documentation page needs nothing from elsewhere', async () => {
  const page = await api.request('/docs/')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const files = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file]) => file ?? '')
  expect(files).toHaveLength(3)
  for (const file of files) expect((await api.request(file)).status).toBe(200)
  expect(page.text).not.toMatch(/https?:\/\//)
})
