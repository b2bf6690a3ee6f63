import { readConfig } from '../../src/platform/config.js'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer, testOfOneNode } from '../support/built-server.js'
import { type StreamRequest, TestStream } from '../support/sse.js'

let server: BuiltServer
let api: Api
const streams: TestStream[] = []

beforeAll(async () => {
  server = await startBuiltServer({
    MAX_SESSIONS: '100',
    EVENT_LOG_SIZE: '16',
    HEARTBEAT_SECONDS: '0.1',
    MAX_STREAMS_PER_PARTICIPANT: '2',
    MAX_STREAMS_PER_ADDRESS: '12',
  })
  api = new Api(server.url)
})

afterEach(() => {
  for (const stream of streams.splice(0)) stream.close()
})

afterAll(() => server.stop())

function open(sessionId: string, request: StreamRequest = {}): TestStream {
  const stream = new TestStream(server.url, sessionId, request)
  streams.push(stream)
  return stream
}

/** Plays a round with this number of votes: that many events plus three. */
async function round(by: Person, votes: number): Promise<void> {
  await api.command(by, 'start')
  for (let vote = 0; vote < votes; vote += 1) await api.command(by, 'vote', { vote: '5' })
  await api.command(by, 'reveal')
}

describe('the stream (contract section 6)', () => {
  testOfOneNode('has the headers that keep proxies from buffering it', async () => {
    const ada = await api.create()
    const stream = await open(ada.sessionId).untilType('session_updated')
    expect(stream.status).toBe(200)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    expect(stream.headers['transfer-encoding']).toBeUndefined()
    expect(stream.raw.startsWith('retry: ')).toBe(true)
    expect(stream.raw).not.toMatch(/^event:/m)
  })

  test('has a client reopen it, after a cut, before its loss counts as a disconnect', async () => {
    const ada = await api.create()
    const { retry } = await open(ada.sessionId).untilType('session_updated')
    const debounceMs = readConfig({}).DISCONNECT_DEBOUNCE_SECONDS
    expect(retry).toBeGreaterThanOrEqual(debounceMs / 4)
    expect(retry).toBeLessThanOrEqual(debounceMs / 2)
  })

  test('begins with the whole session, with its version as the id', async () => {
    const ada = await api.create()
    await api.join(ada.sessionId)
    const stream = await open(ada.sessionId).untilType('session_updated')
    expect(stream.frames[0]).toMatchObject({
      id: '1',
      data: { state_version: 1, data: { reason: 'connected' } },
    })
    expect(stream.frames[0]?.data.data.session).toEqual(await api.session(ada.sessionId))
  })

  test('brings every event with a version one above the last, the last of a command with the checksum', async () => {
    const ada = await api.create()
    const stream = await open(ada.sessionId, { token: ada.token }).untilType('session_updated')
    await round(ada, 1)
    await stream.untilType('round_completed')
    expect(stream.events.map(({ id, data }) => [id, data.type, data.state_checksum !== null])).toEqual([
      ['1', 'voting_started', true],
      ['2', 'vote_submitted', true],
      ['3', 'votes_revealed', false],
      ['4', 'round_completed', true],
    ])
    const { state_checksum } = await api.session(ada.sessionId)
    expect(stream.events.at(-1)?.data.state_checksum).toBe(state_checksum)
  })

  test.each([0, 3, 7])(
    'with Last-Event-ID %d replays exactly the missed events, in order',
    async (lastEventId) => {
      const ada = await api.create()
      const live = await open(ada.sessionId).untilType('session_updated')
      await round(ada, 4)
      await live.untilType('round_completed')
      const replay = open(ada.sessionId, { lastEventId })
      await replay.until(() => replay.frames.length === 7 - lastEventId && replay.comments.length > 0)
      expect(replay.frames).toEqual(live.events.slice(lastEventId))
    },
  )

  test('prefers Last-Event-ID to the query', async () => {
    const ada = await api.create()
    await round(ada, 1)
    const stream = open(ada.sessionId, { lastEventId: 3, query: '?last_event_id=1' })
    await stream.untilType('round_completed')
    expect(stream.types).toEqual(['round_completed'])
    const other = open(ada.sessionId, { query: '?last_event_id=2' })
    await other.untilType('round_completed')
    expect(other.types).toEqual(['votes_revealed', 'round_completed'])
  })

  /** Why: any error status stops an `EventSource` for good, and a query parameter is easily added twice. */
  test.each(['last_event_id=1&last_event_id=2', 'last_event_id=&last_event_id=2', 'last_event_id=x'])(
    'answers cursors that make no sense with the whole state: %s',
    async (query) => {
      const ada = await api.create()
      await round(ada, 1)
      const stream = await open(ada.sessionId, { query: `?${query}` }).untilType('state_sync_required')
      expect(stream.status).toBe(200)
      expect(stream.frames[0]?.data.data.session.id).toBe(ada.sessionId)
    },
  )

  test('counts for the first participant when the query names two', async () => {
    const ada = await api.create()
    const query = `?user_id=${ada.userId}&user_id=nonsense`
    const stream = await open(ada.sessionId, { query, token: ada.token }).untilType('session_updated')
    expect(stream.status).toBe(200)
  })

  test.each(['1', '999', 'x', '-1', '1e3', '9'.repeat(400)])(
    'answers Last-Event-ID %s, which is not in the log, with one full state',
    async (lastEventId) => {
      const ada = await api.create()
      await round(ada, 30)
      const stream = await open(ada.sessionId, { lastEventId }).untilType('state_sync_required')
      expect(stream.frames).toHaveLength(1)
      expect(stream.frames[0]).toMatchObject({ id: '33', data: { state_version: 33 } })
      expect(stream.frames[0]?.data.data.session).toEqual(await api.session(ada.sessionId))
    },
  )

  test('keeps itself open with comments', async () => {
    const ada = await api.create()
    const stream = open(ada.sessionId)
    await stream.until(() => stream.comments.length >= 3)
    expect(stream.frames).toHaveLength(1)
  })

  test('ends with the session; later connections get a 404', async () => {
    const ada = await api.create()
    const stream = await open(ada.sessionId).untilType('session_updated')
    await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
    await stream.untilClosed()
    expect(stream.types.at(-1)).toBe('session_expired')
    const late = await open(ada.sessionId).untilClosed()
    expect(late.status).toBe(404)
  })

  test("a kicked participant's stream closes after their user_left, and they cannot come back", async () => {
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const stream = await open(ada.sessionId, { token: bob.token }).untilType('session_updated')
    await api.post(`/api/sessions/${ada.sessionId}/kick/${bob.userId}`, { by: ada })
    await stream.untilClosed()
    expect(stream.frames.at(-1)?.data).toMatchObject({
      type: 'user_left',
      data: { user_id: bob.userId, reason: 'kicked' },
    })
    expect((await open(ada.sessionId, { token: bob.token }).untilClosed()).status).toBe(403)
  })

  test('answers HEAD with the headers and ends', async () => {
    const ada = await api.create()
    const answer = await api.request(`/api/sse/${ada.sessionId}`, { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  })

  testOfOneNode('over a participant’s limit takes the place of the oldest', async () => {
    const ada = await api.create()
    const [first, second, third] = [0, 1, 2].map(() => open(ada.sessionId, { token: ada.token }))
    await third?.untilType('session_updated')
    await Promise.race([first, second].map((stream) => stream?.untilClosed()))
    expect([first, second, third].filter((stream) => stream?.isClosed)).toHaveLength(1)
    expect(third?.isClosed).toBe(false)
  })

  testOfOneNode('over an address’s limit is told to come back later, in terms a browser obeys', async () => {
    const ada = await api.create()
    const many = Array.from({ length: 12 }, () => open(ada.sessionId))
    await Promise.all(many.map((stream) => stream.untilType('session_updated')))
    const refused = await open(ada.sessionId).untilClosed()
    expect(refused.status).toBe(200)
    expect(refused.frames).toEqual([])
    expect(refused.retry).toBeGreaterThan(10_000)
    expect(refused.comments).toHaveLength(1)
  })

  test('carries nothing of a refused command', async () => {
    const ada = await api.create()
    const stream = await open(ada.sessionId).untilType('session_updated')
    expect((await api.post(`/api/sessions/${ada.sessionId}/reveal`, { by: ada })).status).toBe(400)
    await round(ada, 0)
    await stream.untilType('round_completed')
    expect(stream.events.map(({ id }) => id)).toEqual(['1', '2', '3'])
  })
})

describe('the long poll', () => {
  const poll = (id: string, query: string) => api.request(`/api/sessions/${id}/events?${query}`)

  test("returns the stream's events after a version", async () => {
    const ada = await api.create()
    const stream = await open(ada.sessionId).untilType('session_updated')
    await round(ada, 2)
    await stream.untilType('round_completed')
    const { body } = await poll(ada.sessionId, 'after=1')
    const events = stream.events.slice(1).map(({ data }) => data)
    expect(body).toEqual({ events, state_version: 5, more: false })
  })

  test('waits for the next event', async () => {
    const ada = await api.create()
    const answer = poll(ada.sessionId, 'after=0&wait_seconds=5')
    await round(ada, 0)
    expect((await answer).body.events[0].type).toBe('voting_started')
  })

  test('keeps waiting when a command makes no event', async () => {
    const ada = await api.create()
    const answer = poll(ada.sessionId, 'after=0&wait_seconds=5')
    for (let times = 0; times < 5; times += 1) await api.command(ada, 'reconnect')
    await round(ada, 0)
    expect((await answer).body.events[0]?.type).toBe('voting_started')
  })

  test('answers without events when the wait is up', async () => {
    const ada = await api.create()
    expect((await poll(ada.sessionId, 'after=0&wait_seconds=0.05')).body).toEqual({
      events: [],
      state_version: 0,
      more: false,
    })
  })

  test.each(['after=999', 'after=2', 'after=x'])(
    'answers %s, not in the log, with one full state',
    async (query) => {
      const ada = await api.create()
      await round(ada, 30)
      const { body } = await poll(ada.sessionId, query)
      expect(body.events).toHaveLength(1)
      expect(body.events[0]).toMatchObject({ type: 'state_sync_required', state_version: 33 })
    },
  )

  // With several nodes the end may come before the poll.
  testOfOneNode("ends with the session's last event", async () => {
    const ada = await api.create()
    const answer = poll(ada.sessionId, 'after=0&wait_seconds=5')
    await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
    expect((await answer).body.events.at(-1).type).toBe('session_expired')
  })

  test.each(['wait_seconds=26', 'wait_seconds=-1', 'wait_seconds=soon'])('refuses %s', async (query) => {
    const ada = await api.create()
    expect((await poll(ada.sessionId, query)).status).toBe(422)
  })
})
