import { ServerResponse } from 'node:http'
import { Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { linesOf } from '../support/log-lines.js'
import { exchange } from '../support/raw-exchange.js'
import { TestStream } from '../support/sse.js'

const SEATS = 16
const CARDS = ['1', '2', '3', '5', '8', '13']

let server: InProcess
let api: Api
let ada: Person
let team: Person[] = []
let stream: TestStream

beforeEach(async () => {
  server = await startInProcess()
  api = new Api(server.url)
  ada = await api.create()
  team = [ada]
  while (team.length < SEATS) team.push(await api.join(ada.sessionId, `Bob ${team.length}`))
  stream = new TestStream(server.url, ada.sessionId, { token: ada.token })
  await stream.untilType('session_updated')
  await api.command(ada, 'start')
})
afterEach(async () => {
  jest.restoreAllMocks()
  stream.close()
  await server.stop()
})

/** Makes a step of Node's own responses throw for requests with this header: a few times or always. */
function breakAnswers(step: 'writeHead' | 'end', times: number): void {
  const response: Record<typeof step, (...given: never[]) => unknown> = ServerResponse.prototype
  const original = response[step]
  let left = times
  jest.spyOn(response, step).mockImplementation(function (this: unknown, ...given) {
    const broken = this instanceof ServerResponse && this.req.headers['x-request-id'] === 'broken-0001'
    if (broken && left > 0) {
      left -= 1
      throw new Error('the answer')
    }
    return original.apply(this, given)
  })
}

/** The whole table votes at once; the answer to the one at index 7 breaks. `null`: its connection ended. */
function voteAll(): Promise<(number | null)[]> {
  return Promise.all(
    team.map((by, index) =>
      api
        .post(`/api/sessions/${by.sessionId}/vote`, {
          by,
          body: { vote: CARDS[index % CARDS.length] },
          headers: { 'X-Request-Id': index === 7 ? 'broken-0001' : `whole-00${index}`, Connection: 'close' },
        })
        .then(
          ({ status }) => status,
          () => null,
        ),
    ),
  )
}

const faultsCounted = async () =>
  (await api.request('/metrics')).text.match(/errors_total\{[^}]*INTERNAL_SERVER_ERROR[^}]*\} (\d+)/)?.[1]

describe.each([
  ['cannot be made', 'writeHead', 1, 500],
  ['cannot be sent', 'end', 1, null],
  ['cannot be sent, nor its error', 'writeHead', Number.POSITIVE_INFINITY, null],
] as const)('an answer that %s', (_what, step, times, status) => {
  test('affects only itself: the others of the turn get theirs, and everybody gets the events', async () => {
    breakAnswers(step, times)
    const statuses = await voteAll()
    expect(statuses).toEqual(team.map((_, index) => (index === 7 ? status : 200)))
    await stream.untilVersion((await api.session(ada.sessionId)).state_version)
    expect(stream.types.filter((type) => type === 'vote_submitted')).toHaveLength(SEATS)
    await api.command(ada, 'reveal')
  })

  test('is logged and counted once', async () => {
    breakAnswers(step, times)
    await voteAll()
    expect(await faultsCounted()).toBe('1')
    const [failed] = linesOf(server.log(), 'request failed')
    expect(failed).toMatchObject({ request_id: 'broken-0001', err: { message: 'the answer' } })
    const requests = linesOf(server.log(), 'request')
    expect(requests.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ request_id: 'broken-0001', error_code: 'INTERNAL_SERVER_ERROR' }),
    ])
    expect(server.services.alerts.recent.map(({ tags }) => tags['error_code'])).toEqual([
      'INTERNAL_SERVER_ERROR',
    ])
  })
})

test('other work of a turn that throws affects nothing else, and is logged and counted', async () => {
  const { turn } = server.services
  for (const stage of ['commands', 'answers', 'deliveries'] as const) {
    turn.at(stage, () => {
      throw new Error(stage)
    })
  }
  expect(await voteAll()).toEqual(team.map(() => 200))
  const failed = linesOf(server.log(), 'work failed')
  expect(failed.map(({ err }) => err)).toEqual([
    expect.objectContaining({ message: 'commands' }),
    expect.objectContaining({ message: 'answers' }),
    expect.objectContaining({ message: 'deliveries' }),
  ])
  expect(await faultsCounted()).toBe('3')
})

test('an answer that breaks behind others on its connection ends the connection', async () => {
  breakAnswers('end', 1)
  const { sessionId, token } = ada
  const look = (id: string) =>
    `GET /api/sessions/${sessionId} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nX-Request-Id: ${id}\r\n\r\n`
  const text = await exchange(
    { port: Number(new URL(server.url).port) },
    look('whole-0001') + look('broken-0001'),
  )
  expect(text.split('HTTP/1.1 200').length - 1).toBeLessThan(2)
  expect(await voteAll()).toEqual(team.map(() => 200))
})
