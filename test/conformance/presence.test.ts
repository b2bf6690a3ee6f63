import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { waitUntil } from '../support/log-lines.js'
import { TestStream } from '../support/sse.js'

/** Short enough to wait for, long enough to tell apart and to work within on a busy machine. */
const DEBOUNCE_MS = 1_000
const GRACE_MS = 2_000
const GRACE_WARNING_MS = 500
const IDLE_MS = 15_000
const IDLE_WARNING_MS = 1_000
const REVEAL_MS = 1_500

let server: BuiltServer
let api: Api
const streams: TestStream[] = []

beforeAll(async () => {
  server = await startBuiltServer({
    MAX_SESSIONS: '100',
    RATE_LIMITING: 'false',
    DISCONNECT_DEBOUNCE_SECONDS: String(DEBOUNCE_MS / 1_000),
    GRACE_PERIOD_MINUTES: String(GRACE_MS / 60_000),
    GRACE_WARNING_MINUTES: String(GRACE_WARNING_MS / 60_000),
    SESSION_TIMEOUT_MINUTES: String(IDLE_MS / 60_000),
    SESSION_WARNING_MINUTES: String(IDLE_WARNING_MS / 60_000),
    REVEAL_SECONDS: String(REVEAL_MS / 1_000),
  })
  api = new Api(server.url)
})

afterEach(() => {
  for (const stream of streams.splice(0)) stream.close()
})

afterAll(() => server.stop())

async function open(person: Person, lastEventId?: string): Promise<TestStream> {
  const request = { token: person.token, ...(lastEventId === undefined ? {} : { lastEventId }) }
  const stream = new TestStream(server.url, person.sessionId, request)
  streams.push(stream)
  return stream.until(() => stream.status === 200)
}

/** Ada leads; Bob and a watcher look on. */
async function table() {
  const ada = await api.create()
  const bob = await api.join(ada.sessionId, 'Bob')
  const leading = await open(ada)
  const other = await open(bob)
  const watcher = new TestStream(server.url, ada.sessionId)
  streams.push(watcher)
  await watcher.untilType('session_updated')
  return { ada, bob, leading, other, watcher }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** The time between two events, as the server wrote it. */
function between(stream: TestStream, first: string, second: string): number {
  const at = (type: string) =>
    Date.parse(stream.frames.find(({ data }) => data.type === type)?.data.timestamp)
  return at(second) - at(first)
}

describe('presence over real sockets', () => {
  test('the Scrum Master drops: a wait, a warning, then the next leads; the round is unchanged', async () => {
    const { ada, bob, leading, watcher } = await table()
    await api.command(ada, 'start')
    await api.command(bob, 'vote', { vote: '8' })
    leading.close()
    await watcher.untilType('grace_period_ended')
    expect(watcher.events.slice(2).map(({ data }) => data.type)).toEqual([
      'user_disconnected',
      'grace_period_started',
      'grace_period_warning',
      'scrum_master_changed',
      'grace_period_ended',
    ])
    expect(between(watcher, 'grace_period_started', 'grace_period_warning')).toBe(GRACE_MS - GRACE_WARNING_MS)
    expect(between(watcher, 'grace_period_started', 'grace_period_ended')).toBe(GRACE_MS)
    const session = await api.session(ada.sessionId)
    expect(session).toMatchObject({
      status: 'voting',
      scrum_master_id: bob.userId,
      previous_scrum_master_id: ada.userId,
      grace_period_start: null,
    })
    expect(Object.keys(session.current_round.votes)).toEqual([bob.userId])
    await api.command(bob, 'reveal')
  })

  test('the Scrum Master is back in time: nothing is lost, and nothing else has changed', async () => {
    const { ada, bob, leading, watcher } = await table()
    await api.command(ada, 'start')
    await leading.untilType('voting_started')
    leading.close()
    await watcher.untilType('grace_period_started')
    const vote = await api.post(`/api/sessions/${ada.sessionId}/vote`, { by: bob, body: { vote: '5' } })
    expect(vote.body.error_code).toBe('GRACE_PERIOD_ERROR')
    expect((await api.session(ada.sessionId)).status).toBe('grace_period')
    const back = await open(ada, '2')
    await back.untilType('grace_period_ended')
    expect(back.types).toEqual([
      'user_disconnected',
      'grace_period_started',
      'user_joined',
      'grace_period_ended',
    ])
    expect(back.frames[2]?.data.data).toMatchObject({ user_id: ada.userId, reconnected: true })
    await sleep(GRACE_MS)
    expect((await api.session(ada.sessionId)).scrum_master_id).toBe(ada.userId)
  })

  test('a refresh, another tab, another device: no disconnect', async () => {
    const { ada, leading, watcher } = await table()
    const second = await open(ada)
    leading.close()
    await sleep(2 * DEBOUNCE_MS)
    second.close()
    await sleep(DEBOUNCE_MS / 3)
    await open(ada)
    await sleep(2 * DEBOUNCE_MS)
    expect(watcher.types).toEqual(['session_updated'])
  })

  test('everybody drops: the session waits, paused, and the first to come back leads', async () => {
    const { ada, bob, leading, other, watcher } = await table()
    await api.command(ada, 'start')
    other.close()
    await watcher.untilType('user_disconnected')
    leading.close()
    await watcher.untilType('session_paused')
    expect((await api.session(ada.sessionId)).status).toBe('paused')
    await open(bob)
    await watcher.untilType('session_resumed')
    expect(watcher.frames.find(({ data }) => data.type === 'scrum_master_changed')?.data.data).toMatchObject({
      scrum_master_id: bob.userId,
      reason: 'returned',
    })
    expect((await api.session(ada.sessionId)).status).toBe('voting')
  })

  test('a Scrum Master who leaves or is kicked hands over at once', async () => {
    const { ada, bob, watcher } = await table()
    await api.command(ada, 'leave')
    await watcher.untilType('scrum_master_changed')
    expect(watcher.types.slice(1)).toEqual(['user_left', 'scrum_master_changed'])
    expect((await api.session(ada.sessionId)).scrum_master_id).toBe(bob.userId)
  })

  test('reconnecting without a stream brings the Scrum Master back', async () => {
    const { ada, leading, watcher } = await table()
    leading.close()
    await watcher.untilType('grace_period_started')
    const { body } = await api.command(ada, 'reconnect')
    expect(body.server_state).toMatchObject({ status: 'waiting', grace_period_active: false })
    await watcher.untilType('grace_period_ended')
    await sleep(2 * DEBOUNCE_MS)
    expect(watcher.types.at(-1)).toBe('grace_period_ended')
  })
})

describe('a partition over real sockets', () => {
  test('is announced when half the table drops at once, and when all are back with everything', async () => {
    const { ada, bob, leading, other, watcher } = await table()
    leading.close()
    other.close()
    await watcher.untilType('network_partition_detected')
    const told = () => watcher.frames.filter(({ data }) => data.type === 'network_partition_detected')
    expect(told()[0]?.data.data).toMatchObject({ recovery_strategy: 'full_resync', success: false })
    expect(new Set(told()[0]?.data.data.affected_clients)).toEqual(new Set([ada.userId, bob.userId]))
    const { state_version, state_checksum } = (await api.command(bob, 'reconnect')).body.server_state
    const { body } = await api.command(ada, 'reconnect', { client_state: { state_version, state_checksum } })
    expect(body.sync_data).toMatchObject({ type: 'full_sync', reason: 'network_partition' })
    await watcher.until(() => told().length === 2)
    expect(told()[1]?.data.data.success).toBe(true)
  })

  test('gives whoever returns with a stream exactly what they missed, then the whole state', async () => {
    const { ada, leading, other, watcher } = await table()
    leading.close()
    other.close()
    await watcher.untilType('network_partition_detected')
    const missed = watcher.events
    const back = await open(ada, '1')
    await back.untilType('state_sync_required')
    const sync = back.types.indexOf('state_sync_required')
    expect(back.frames.slice(0, missed.length)).toEqual(missed)
    expect(back.frames[sync]?.data.data.reason).toBe('network_partition')
    expect(back.frames.slice(0, sync).map(({ id }) => Number(id))).toEqual(
      Array.from({ length: sync }, (_, index) => index + 2),
    )
  })
})

describe('the timers over real sockets', () => {
  test('a session that nobody uses warns, ends, and frees its place at once', async () => {
    const full = await startBuiltServer({
      MAX_SESSIONS: '1',
      SESSION_TIMEOUT_MINUTES: String(2_400 / 60_000),
      SESSION_WARNING_MINUTES: String(600 / 60_000),
    })
    const fullApi = new Api(full.url)
    const ada = await fullApi.create()
    const stream = new TestStream(full.url, ada.sessionId)
    await stream.untilClosed()
    expect(stream.types).toEqual(['session_updated', 'session_expiring', 'session_expired'])
    expect(between(stream, 'session_expiring', 'session_expired')).toBe(600)
    expect(stream.frames.at(-1)?.data.data.reason).toBe('timeout')
    await fullApi.create()
    await full.stop()
  })

  test('extend puts the end off, and everybody is told', async () => {
    const { ada, bob, watcher } = await table()
    await sleep(100)
    const { body } = await api.command(bob, 'extend')
    await watcher.until(() => watcher.types.length === 2)
    const { data } = watcher.frames[1]?.data ?? {}
    expect(data).toEqual({ reason: 'extended', expires_at: body.expires_at })
    expect(Date.parse(body.expires_at)).toBe(Date.parse(watcher.frames[1]?.data.timestamp) + IDLE_MS)
    expect((await api.session(ada.sessionId)).expires_at).toBe(body.expires_at)
  })

  test('revealing lasts REVEAL_SECONDS', async () => {
    const { ada, watcher } = await table()
    await api.command(ada, 'start')
    await api.command(ada, 'reveal')
    expect((await api.session(ada.sessionId)).status).toBe('revealing')
    await watcher.untilType('round_completed')
    expect(between(watcher, 'votes_revealed', 'round_completed')).toBe(REVEAL_MS)
    expect((await api.session(ada.sessionId)).status).toBe('results')
  })

  test.each([
    ['is kept by a participant’s stream', 'stream'],
    ['is kept by heartbeats alone', 'heartbeat'],
    ['makes room once its people are gone', 'nobody'],
    ['makes room even while strangers watch', 'watcher'],
  ])('at the cap, a session %s', async (_name, who) => {
    const full = await startBuiltServer({
      MAX_SESSIONS: '1',
      DESERTED_MINUTES: String(200 / 60_000),
      PRESENCE_SECONDS: '0.3',
      MOBILE_HEARTBEAT_INTERVAL: '2',
    })
    const fullApi = new Api(full.url)
    const ada = await fullApi.create()
    const stream =
      who === 'stream' || who === 'watcher'
        ? await new TestStream(
            full.url,
            ada.sessionId,
            who === 'stream' ? { token: ada.token } : {},
          ).untilType('session_updated')
        : null
    if (who === 'heartbeat') await fullApi.request(`/api/mobile/${ada.sessionId}/heartbeat`, { by: ada })
    await sleep(1_000)
    const body = { name: 'S', creator_name: 'A', creator_avatar: 'x' }
    const isKept = who === 'stream' || who === 'heartbeat'
    const make = async () => (await fullApi.post('/api/sessions', { body })).status
    if (isKept) expect(await make()).toBe(429)
    else await waitUntil(async () => (await make()) === 201)
    const { status, body: said } = await fullApi.request(`/api/sessions/${ada.sessionId}`)
    expect([status, said.context?.expired]).toEqual(isKept ? [200, undefined] : [404, true])
    stream?.close()
    await full.stop()
  })

  test('every session hears that the server is getting full, once each time', async () => {
    const full = await startBuiltServer()
    const fullApi = new Api(full.url)
    const ada = await fullApi.create()
    const stream = await new TestStream(full.url, ada.sessionId).untilType('session_updated')
    const second = await fullApi.create()
    const other = await new TestStream(full.url, second.sessionId).untilType('session_updated')
    const third = await fullApi.create()
    await fullApi.request(`/api/sessions/${third.sessionId}`, { method: 'DELETE', by: third })
    await fullApi.create()
    await fullApi.command(ada, 'start')
    await stream.untilType('voting_started')
    const warnings = stream.frames.filter(({ data }) => data.type === 'session_capacity_warning')
    expect(warnings.map(({ id, data }) => [id, data.state_version, data.data.available_slots])).toEqual([
      [undefined, 0, 1],
      [undefined, 0, 0],
      [undefined, 0, 0],
    ])
    expect(other.types.filter((type) => type === 'session_capacity_warning')).toHaveLength(2)
    stream.close()
    other.close()
    await full.stop()
  })
})
