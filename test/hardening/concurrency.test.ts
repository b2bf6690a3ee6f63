import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { TestStream } from '../support/sse.js'

const SESSIONS = 3
const SEATS = 16
const ROUNDS = 6

let server: BuiltServer
let api: Api

beforeAll(async () => {
  server = await startBuiltServer({ RATE_LIMITING: 'false', LOG_REQUESTS: 'false', EVENT_LOG_SIZE: '4096' })
  api = new Api(server.url)
})

afterAll(() => server.stop())

/** Commands from everybody at once, sensible or not; refusals are fine. */
async function storm(people: readonly Person[]): Promise<void> {
  const [leader] = people
  if (leader === undefined) return
  const path = `/api/sessions/${leader.sessionId}`
  await api.post(`${path}/start`, { by: leader })
  const cards = ['1', '2', '3', '5', '8', '13', '21', 'coffee']
  await Promise.all(
    people.flatMap((by, seat) => [
      api.post(`${path}/vote`, { by, body: { vote: cards[(seat * 7) % cards.length] } }),
      api.post(`${path}/vote`, { by, body: { vote: cards[(seat * 3) % cards.length] } }),
      seat % 5 === 0 ? api.post(`${path}/extend`, { by }) : api.post(`${path}/start`, { by }),
    ]),
  )
  await Promise.all([api.post(`${path}/reveal`, { by: leader }), api.post(`${path}/pause`, { by: leader })])
  await api.post(`${path}/resume`, { by: leader })
  await api.post(`${path}/reveal`, { by: leader })
}

test('3 sessions of 16 under concurrent commands: every stream gapless, all equal, every replay exact', async () => {
  const tables = await Promise.all(
    Array.from({ length: SESSIONS }, async (_, table) => {
      const ada = await api.create(`Table ${table}`)
      const others = await Promise.all(Array.from({ length: SEATS - 1 }, () => api.join(ada.sessionId)))
      return [ada, ...others]
    }),
  )
  const streams = tables.map((people) =>
    people.map(({ sessionId, token }) => new TestStream(server.url, sessionId, { token })),
  )
  await Promise.all(streams.flat().map((stream) => stream.untilType('session_updated')))
  for (let round = 0; round < ROUNDS; round += 1) await Promise.all(tables.map(storm))

  for (const [table, people] of tables.entries()) {
    const readers = streams[table] ?? []
    const sessionId = people[0]?.sessionId ?? ''
    const session = await api.session(sessionId)
    await Promise.all(readers.map((stream) => stream.untilVersion(session.state_version)))
    const events = readers[0]?.events ?? []
    const first = Number(events[0]?.id)
    expect(events.map(({ id }) => Number(id))).toEqual(events.map((_, index) => first + index))
    expect(events.at(-1)?.data.state_checksum).toBe(session.state_checksum)
    expect(events.length).toBeGreaterThan(ROUNDS * SEATS)
    for (const stream of readers) expect(stream.events).toEqual(events)
    await expectExactReplays(sessionId, events)
  }
  for (const stream of streams.flat()) stream.close()
})

async function expectExactReplays(sessionId: string, events: TestStream['frames']): Promise<void> {
  const last = Number(events.at(-1)?.id)
  for (const missed of [1, 2, Math.floor(events.length / 2), events.length]) {
    const replay = new TestStream(server.url, sessionId, { lastEventId: last - missed })
    await replay.untilVersion(last)
    expect(replay.frames).toEqual(events.slice(-missed))
    replay.close()
  }
}

test('simultaneous creations at the cap: never more sessions than allowed', async () => {
  const full = await startBuiltServer({ RATE_LIMITING: 'false' })
  const fullApi = new Api(full.url)
  const body = { name: 'S', creator_name: 'A', creator_avatar: 'x' }
  const answers = await Promise.all(Array.from({ length: 20 }, () => fullApi.post('/api/sessions', { body })))
  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(SESSIONS)
  expect(answers.filter((answer) => answer.body.error_code === 'MAX_SESSIONS_REACHED')).toHaveLength(
    20 - SESSIONS,
  )
  await full.stop()
})

test('simultaneous joins: never more participants than seats', async () => {
  const crowd = await startBuiltServer({ RATE_LIMITING: 'false' })
  const crowdApi = new Api(crowd.url)
  const ada = await crowdApi.create()
  const body = { user_name: 'B', user_avatar: 'x' }
  const path = `/api/sessions/${ada.sessionId}/join`
  const answers = await Promise.all(Array.from({ length: 40 }, () => crowdApi.post(path, { body })))
  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(SEATS - 1)
  expect((await crowdApi.session(ada.sessionId)).participants).toHaveLength(SEATS)
  await crowd.stop()
})
