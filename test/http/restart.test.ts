import { randomUUID } from 'node:crypto'
import type { UserId } from '../../machines/ids.js'
import { NODE_LOST_MS } from '../../machines/session/presence.js'
import { type Answer, Api, type Person } from '../support/api.js'
import { fragile } from '../support/fragile-chart.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { KeptLog } from '../support/kept-log.js'
import { linesOf } from '../support/log-lines.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

/*
 * Sessions in a log that outlives the process: what people find once the next one has taken over. Time is
 * in the test's hands, so what fell due meanwhile is known to the millisecond.
 */

const START = Date.parse('2026-01-31T09:30:00.000Z')
const MINUTE_MS = 60_000
/** How long what fell due meanwhile waits for those who come back. */
const RETURN_MS = 6_000

let clock: SimulatedClock
let kept: KeptLog
let server: InProcess
let api: Api
let die: () => void
const gone: InProcess[] = []
const streams: TestStream[] = []

async function start(environment: Record<string, string> = {}): Promise<void> {
  const opened = kept.open()
  die = opened.die
  server = await startInProcess({
    commandLog: opened.log,
    clock,
    environment: { ...SETTINGS, ...environment },
  })
  api = new Api(server.url)
}

const SETTINGS = { MAX_SESSIONS: '3', HEARTBEAT_SECONDS: '3600', DISCONNECT_DEBOUNCE_SECONDS: '2' }

/** The process is killed: nobody hears from it again. */
async function crash(awayMs = 0, environment: Record<string, string> = {}): Promise<void> {
  die()
  gone.push(server)
  clock.increment(awayMs)
  await start(environment)
}

/** The process shuts down in order, and the next one starts. */
async function deploy(awayMs = 0): Promise<void> {
  await server.stop()
  clock.increment(awayMs)
  await start()
}

beforeEach(async () => {
  clock = new SimulatedClock(START)
  kept = new KeptLog(clock)
  await start()
})

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close()
  for (const other of [server, ...gone.splice(0)]) await other.stop()
})

async function open({ sessionId, token }: Person, lastEventId?: number): Promise<TestStream> {
  const stream = new TestStream(
    api.url,
    sessionId,
    lastEventId === undefined ? { token } : { token, lastEventId },
  )
  streams.push(stream)
  await stream.until(({ status }) => status === 200)
  return lastEventId === undefined ? stream.untilType('session_updated') : stream
}

/** Three at a table, each with a stream; Ada leads. */
async function table(): Promise<{ ada: Person; bob: Person; cyd: Person }> {
  const ada = await api.create('Sprint', 'Ada', { room: 'blue' })
  const bob = await api.join(ada.sessionId)
  const cyd = await api.join(ada.sessionId, 'Cyd')
  for (const person of [ada, bob, cyd]) await open(person)
  return { ada, bob, cyd }
}

const online = async ({ sessionId }: Person) =>
  (await api.session(sessionId)).participants.map(({ is_online }: { is_online: boolean }) => is_online)

/** All events of a session after a version, as somebody who was away gets them. */
async function eventsAfter({ sessionId }: Person, version: number) {
  const { body } = await api.request(`/api/sessions/${sessionId}/events?after=${version}`)
  return body.events.map(({ type, timestamp }: { type: string; timestamp: string }) => [
    type,
    Date.parse(timestamp) - START,
  ])
}

describe.each([
  ['killed', crash],
  ['stopped in order', deploy],
])('a process that is %s', (_how, restart) => {
  test('leaves the round, its votes, the seats and the room to the next, which carries on with them', async () => {
    const { ada, bob, cyd } = await table()
    await api.command(ada, 'start')
    await api.command(bob, 'vote', { vote: '5' })
    const { code } = (await api.command(cyd, 'seat-code')).body
    const before = await api.session(ada.sessionId)
    await restart()
    expect(await api.session(ada.sessionId)).toEqual(before)
    await api.command(cyd, 'vote', { vote: '8' })
    const phone = await api.post(`/api/sessions/${ada.sessionId}/seat`, { body: { code } })
    expect([phone.status, phone.body.user_id]).toEqual([200, cyd.userId])
    const { body } = await api.command(ada, 'reveal')
    expect(Object.values<{ value: string }>(body.round.votes).map(({ value }) => value)).toEqual(['5', '8'])
    expect((await api.request('/api/rooms/blue')).body.session.id).toBe(ada.sessionId)
    const taken = await api.post('/api/sessions', {
      body: { name: 'Other', creator_name: 'Eve', creator_avatar: 'owl', room: 'blue' },
    })
    expect(taken.body.error_code).toBe('ROOM_TAKEN')
  })

  test('leaves no gap and no repeat for streams that come back', async () => {
    const { ada, bob } = await table()
    await api.command(ada, 'start')
    const seen = (await api.session(ada.sessionId)).state_version
    await api.command(bob, 'vote', { vote: '5' })
    await restart()
    const stream = await open(bob, seen)
    await api.command(ada, 'reveal')
    await stream.untilType('round_completed')
    expect(stream.types).toEqual(['vote_submitted', 'votes_revealed', 'round_completed'])
    expect(stream.frames.map(({ id }) => Number(id))).toEqual([1, 2, 3].map((step) => seen + step))
  })

  test('takes presence only from those who are not back within fifteen seconds', async () => {
    const { ada, bob, cyd } = await table()
    const { state_version } = await api.session(ada.sessionId)
    await restart(20_000)
    clock.increment(NODE_LOST_MS - 1)
    await open(ada)
    await open(bob)
    expect(await online(ada)).toEqual([true, true, true])
    clock.increment(1)
    expect(await online(ada)).toEqual([true, true, false])
    expect(await eventsAfter(ada, state_version)).toEqual([['user_disconnected', 20_000 + NODE_LOST_MS]])
    await open(cyd)
    expect(await online(ada)).toEqual([true, true, true])
  })

  test('does not at once take presence from those whose lease has lapsed meanwhile', async () => {
    const { ada, bob } = await table()
    const path = `/api/mobile/${ada.sessionId}/heartbeat`
    expect((await api.request(path, { by: bob })).status).toBe(200)
    const [host] = server.services.supervisor.sessions()
    const { leaseUntil } = host?.snapshot.context.participants[1] ?? {}
    await restart((leaseUntil ?? 0) - START + 1)
    clock.increment(NODE_LOST_MS - 1)
    await open(bob)
    expect((await online(ada))[1]).toBe(true)
    clock.increment(1)
    // The stream does not renew the lease; a heartbeat does, and there was none.
    expect((await online(ada))[1]).toBe(false)
  })

  test('leaves it known which sessions are over', async () => {
    const { ada } = await table()
    await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
    await restart()
    const { status, body } = await api.request(`/api/sessions/${ada.sessionId}`)
    expect([status, body.context.expired]).toEqual([404, true])
    expect((await api.request('/api/rooms/blue')).body.session).toBeNull()
  })
})

describe('what fell due while no process ran', () => {
  test('happens as of the time it was due, once those who come back have been heard', async () => {
    const ada = await api.create('Sprint', 'Ada', { settings: { round_seconds: 60 } })
    await api.command(ada, 'start')
    const { state_version } = await api.session(ada.sessionId)
    await crash(50_000)
    await crash(30_000)
    clock.increment(RETURN_MS - 1)
    expect(await eventsAfter(ada, state_version)).toEqual([])
    clock.increment(1)
    expect(await eventsAfter(ada, state_version)).toEqual([
      ['round_timer_ended', MINUTE_MS],
      // Ada never opened a stream; a sign of life counts for 80 seconds.
      ['user_disconnected', 80_000],
    ])
  })

  test('waits just as long when it falls due right after the start', async () => {
    const ada = await api.create('Sprint', 'Ada', { settings: { round_seconds: 60 } })
    await api.command(ada, 'start')
    const { state_version } = await api.session(ada.sessionId)
    await crash(59_000)
    clock.increment(RETURN_MS - 1)
    expect(await eventsAfter(ada, state_version)).toEqual([])
    clock.increment(1)
    expect(await eventsAfter(ada, state_version)).toEqual([['round_timer_ended', MINUTE_MS]])
  })

  test('leaves the lead to a Scrum Master who is back by then', async () => {
    const { ada, bob } = await table()
    streams.at(-3)?.close()
    while (server.services.streams.count > 2) await new Promise((resolve) => setImmediate(resolve))
    clock.increment(2_000)
    expect((await api.session(ada.sessionId)).status).toBe('grace_period')
    await crash(6 * MINUTE_MS)
    await open(ada)
    clock.increment(MINUTE_MS)
    const { status, scrum_master_id } = await api.session(bob.sessionId)
    expect([status, scrum_master_id]).toEqual(['waiting', ada.userId])
  })

  test('takes it from one who is not', async () => {
    const { ada, bob } = await table()
    streams.at(-3)?.close()
    while (server.services.streams.count > 2) await new Promise((resolve) => setImmediate(resolve))
    clock.increment(2_000)
    await crash(6 * MINUTE_MS)
    await open(bob)
    clock.increment(RETURN_MS)
    const { status, scrum_master_id } = await api.session(ada.sessionId)
    expect([status, scrum_master_id]).toEqual(['waiting', bob.userId])
  })

  test('ends a session that nobody came back to', async () => {
    const { ada } = await table()
    await crash(11 * MINUTE_MS)
    clock.increment(RETURN_MS)
    const { status, body } = await api.request(`/api/sessions/${ada.sessionId}`)
    expect([status, body.context.expired]).toEqual([404, true])
  })
})

describe('the next process', () => {
  test('counts the sessions that it took over towards the cap and their addresses’ limits', async () => {
    await crash(0, { MAX_SESSIONS_PER_ADDRESS: '2' })
    for (let index = 0; index < 2; index += 1) await api.create()
    await crash(0, { MAX_SESSIONS_PER_ADDRESS: '2' })
    const body = { name: 'Other', creator_name: 'Eve', creator_avatar: 'owl' }
    const refused = await api.post('/api/sessions', { body })
    expect([refused.body.error_code, refused.body.context.max_sessions]).toEqual(['MAX_SESSIONS_REACHED', 2])
    await crash(0, { MAX_SESSIONS: '2' })
    expect((await api.post('/api/sessions', { body })).body.context.current_count).toBe(2)
  })

  test('takes over as many as its cap allows', async () => {
    for (let index = 0; index < 3; index += 1) await api.create()
    await crash(0, { MAX_SESSIONS: '2' })
    expect(server.services.supervisor.capacity).toEqual({ active: 2, max: 2 })
  })

  test('counts sessions created before addresses were counted, and their ends', async () => {
    const people = [await api.create(), await api.create(), await api.create()]
    await crash(0, { MAX_SESSIONS_PER_ADDRESS: '1' })
    expect(server.services.supervisor.capacity.active).toBe(3)
    for (const ada of people)
      await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
    expect(server.services.supervisor.capacity.active).toBe(0)
  })

  test('leaves alone a session that keeps failing while it is read', async () => {
    const ada = await api.create()
    await api.command(ada, 'extend')
    const { machine, fuse } = fragile('extend')
    const persisted = machine.getPersistedSnapshot.bind(machine)
    machine.getPersistedSnapshot = (snapshot, options) =>
      Object.assign(persisted(snapshot, options), { context: { ...snapshot.context, name: 'Another' } })
    fuse.isLit = true
    die()
    gone.push(server)
    const { log } = kept.open()
    server = await startInProcess({ commandLog: log, clock, environment: SETTINGS, machine })
    api = new Api(server.url)
    expect(server.services.supervisor.capacity.active).toBe(0)
    expect((await api.session(ada.sessionId)).error_code).toBe('SESSION_NOT_FOUND')
    expect(linesOf(server.log(), 'session cannot be read')).toHaveLength(1)
    // It is still there for the next process.
    await crash()
    expect((await api.session(ada.sessionId)).status).toBe('waiting')
  })

  test('gives no slot to a session that cannot be read', async () => {
    const [lost, ...others] = [await api.create(), await api.create(), await api.create()]
    kept.spoil(lost.sessionId)
    await crash(0, { MAX_SESSIONS: '2' })
    for (const { sessionId } of others) expect((await api.session(sessionId)).status).toBe('waiting')
    expect(server.services.supervisor.capacity).toEqual({ active: 2, max: 2 })
  })

  test('reports a session that cannot be read as over, and has all others', async () => {
    const [lost, other] = [await api.create(), await api.create()]
    kept.spoil(lost.sessionId)
    await crash()
    expect((await api.session(lost.sessionId)).error_code).toBe('SESSION_NOT_FOUND')
    expect((await api.session(other.sessionId)).status).toBe('waiting')
    expect(linesOf(server.log(), 'session cannot be read')).toHaveLength(1)
  })

  test('finds no token and no code in the log', async () => {
    const { ada, bob } = await table()
    const { code } = (await api.command(bob, 'seat-code')).body
    for (let index = 0; index < 70; index += 1) await api.command(ada, 'extend')
    for (const secret of [ada.token, bob.token, code]) expect(kept.text).not.toContain(secret)
  })
})

describe('a request that is repeated, with its key, at the next process', () => {
  /** The answers to one request from this process and from the next. */
  async function twice(path: string, options: { by?: Person; body?: unknown }): Promise<[Answer, Answer]> {
    const headers = { 'Idempotency-Key': randomUUID() }
    const first = await api.post(path, { ...options, headers })
    await crash()
    return [first, await api.post(path, { ...options, headers })]
  }

  const withoutSession = ({ status, body, headers }: Answer) => {
    const { session, ...own } = body
    return [status, own, headers.get('location')]
  }

  test('creates one session, with one token', async () => {
    const body = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox', room: 'red' }
    const [first, again] = await twice('/api/sessions', { body })
    // Each server in a test has a port of its own.
    const shown = (answer: Answer) => withoutSession(answer).slice(0, 2)
    for (const { body: own } of [first, again]) delete own.join_url
    expect(shown(again)).toEqual(shown(first))
    expect(server.services.supervisor.capacity.active).toBe(1)
    const { session_id: sessionId, user_id: userId, user_token: token } = again.body
    expect(userId).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    await api.command({ sessionId, userId, token }, 'extend')
  })

  test('takes one seat, by joining and by a code', async () => {
    const ada = await api.create()
    const path = `/api/sessions/${ada.sessionId}`
    const joined = await twice(`${path}/join`, { body: { user_name: 'Bob', user_avatar: 'owl' } })
    expect(withoutSession(joined[1])).toEqual(withoutSession(joined[0]))
    expect(joined[1].status).toBe(201)
    const { code } = (await api.command(ada, 'seat-code')).body
    const taken = await twice(`${path}/seat`, { body: { code } })
    expect(withoutSession(taken[1])).toEqual(withoutSession(taken[0]))
    expect((await api.session(ada.sessionId)).participants).toHaveLength(2)
    const phone = { sessionId: ada.sessionId, userId: ada.userId, token: taken[1].body.user_token }
    await api.command(phone, 'extend')
    for (const secret of [joined[0].body.user_token, phone.token]) expect(kept.text).not.toContain(secret)
  })

  test('is carried out once, whatever has happened since', async () => {
    const { ada, bob } = await table()
    const path = `/api/sessions/${ada.sessionId}`
    const body = { stories: [{ title: 'One' }, { title: 'Two' }] }
    const stories = await twice(`${path}/stories`, { by: ada, body })
    expect(stories.map(({ status }) => status)).toEqual([201, 201])
    expect(stories[1].body).toEqual(stories[0].body)
    const started = await twice(`${path}/start`, { by: ada, body: { title: 'Three' } })
    expect(started[1].body).toEqual(started[0].body)
    const voted = await twice(`${path}/vote`, { by: bob, body: { vote: '5' } })
    expect(voted[1].body).toEqual(voted[0].body)
    const revealed = await twice(`${path}/reveal`, { by: ada })
    expect(revealed[1].body).toEqual(revealed[0].body)
    const { state_version } = await api.session(ada.sessionId)
    const extended = await twice(`${path}/extend`, { by: bob })
    expect(extended.map(({ status }) => status)).toEqual([200, 200])
    expect((await api.session(ada.sessionId)).state_version).toBe(state_version + 1)
  })

  test('is refused if it asks for something else; from somebody else it is a new one', async () => {
    const { ada, bob } = await table()
    const path = `/api/sessions/${ada.sessionId}/stories`
    const headers = { 'Idempotency-Key': randomUUID() }
    const add = (by: Person, title: string) => api.post(path, { by, body: { title }, headers })
    expect((await add(ada, 'One')).status).toBe(201)
    await crash()
    expect((await add(ada, 'Another')).status).toBe(422)
    expect((await add(bob, 'One')).status).toBe(403)
    clock.increment(9 * MINUTE_MS)
    await api.command(ada, 'extend')
    clock.increment(MINUTE_MS + 1)
    // After ten minutes it is a new one.
    expect((await add(ada, 'Another')).status).toBe(201)
  })

  test('counts as new once the participant it created has left', async () => {
    const ada = await api.create()
    const headers = { 'Idempotency-Key': randomUUID() }
    const body = { user_name: 'Bob', user_avatar: 'owl' }
    const join = () => api.post(`/api/sessions/${ada.sessionId}/join`, { body, headers })
    const first = (await join()).body
    await api.command({ sessionId: ada.sessionId, userId: first.user_id, token: first.user_token }, 'leave')
    await crash()
    expect((await join()).body.user_id).not.toBe(first.user_id)
  })
})

describe('a log that is away', () => {
  test('takes no command, and hears of missed changes in presence once it is back', async () => {
    const { ada, bob } = await table()
    kept.setAway(true)
    const refused = await api.post(`/api/sessions/${ada.sessionId}/start`, { by: ada })
    expect([refused.status, refused.body.error_code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
    expect(refused.headers.get('retry-after')).toBe('5')
    const made = await api.post('/api/sessions', {
      body: { name: 'Other', creator_name: 'Eve', creator_avatar: 'owl', room: 'green' },
    })
    expect([made.status, made.headers.get('retry-after')]).toEqual([503, '5'])
    streams.at(-1)?.close()
    while (server.services.streams.count > 2) await new Promise((resolve) => setImmediate(resolve))
    clock.increment(10_000)
    expect(await online(ada)).toEqual([true, true, true])
    const { unavailable } = server.services.telemetry.commands
    expect(unavailable).toBe(2)
    kept.setAway(false)
    clock.increment(3_000)
    expect(await online(ada)).toEqual([true, true, false])
    await api.command(bob, 'extend')
    // The slot and the room were given back.
    await api.create('Other', 'Eve', { room: 'green' })
  })

  test('hears once it is back of a stream opened in place of one whose lease had lapsed', async () => {
    const { ada, bob } = await table()
    expect((await api.request(`/api/mobile/${ada.sessionId}/heartbeat`, { by: bob })).status).toBe(200)
    const [host] = server.services.supervisor.sessions()
    const { leaseUntil } = host?.snapshot.context.participants[1] ?? {}
    clock.increment((leaseUntil ?? 0) - START)
    // The stream that the lease lapsed with closes after this.
    kept.setAway(true)
    expect(await online(ada)).toEqual([true, false, true])
    await streams[1]?.untilClosed()
    while (server.services.streams.count > 2) await new Promise((resolve) => setImmediate(resolve))
    await open(bob)
    kept.setAway(false)
    clock.increment(3_000)
    expect(await online(ada)).toEqual([true, true, true])
  })

  test('does not take for a new stream one whose lease had lapsed and that still looks open', async () => {
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const [host] = server.services.supervisor.sessions()
    const userId = bob.userId as UserId
    const still = { flush() {}, notify() {}, resync() {}, profileChanged() {}, end() {}, destroy() {} }
    host?.readers.add({ ...still, userId })
    host?.reportStreams(userId)
    await open(ada)
    expect((await api.request(`/api/mobile/${ada.sessionId}/heartbeat`, { by: bob })).status).toBe(200)
    clock.increment((host?.snapshot.context.participants[1]?.leaseUntil ?? 0) - START)
    expect(await online(ada)).toEqual([true, false])
    host?.mend()
    expect(await online(ada)).toEqual([true, false])
    expect(host?.snapshot.context.participants[1]?.streams).toEqual([])
  })

  test('leaves reads, marked as possibly stale, and streams, which stay open', async () => {
    const { ada, bob } = await table()
    await api.command(ada, 'start')
    const path = `/api/sessions/${ada.sessionId}`
    const reads = [path, `${path}/round`, `${path}/stories`, `${path}/history`, '/api/rooms/blue']
    const fresh = await Promise.all(reads.map((read) => api.request(read)))
    kept.setAway(true)
    for (const [index, read] of reads.entries()) {
      const { status, headers, body } = await api.request(read)
      expect([read, status, headers.get('warning')]).toEqual([read, 200, '110 - "Response is Stale"'])
      expect(body).toEqual({ ...fresh[index]?.body, stale: true })
    }
    for (const read of ['/api/sessions', `${path}/export?format=json`]) {
      expect((await api.request(read)).headers.get('warning')).toBe('110 - "Response is Stale"')
    }
    expect((await api.request('/readyz')).body).toEqual({ status: 'degraded' })
    expect((await api.request('/readyz')).status).toBe(200)
    expect((await api.request('/api/health/status')).body.status).toBe('degraded')
    clock.increment(MINUTE_MS)
    const late = await open(bob)
    kept.setAway(false)
    await api.command(ada, 'extend')
    for (const stream of streams) {
      await stream.untilType('session_updated')
      expect(stream.isClosed).toBe(false)
    }
    expect(late.types).not.toContain('state_sync_required')
    expect((await api.request('/readyz')).body).toEqual({ status: 'ready' })
    expect((await api.request(path)).headers.get('warning')).toBeNull()
  })

  test('sends no stream away for good: whether an absent session exists is unknown', async () => {
    kept.setAway(true)
    const id = randomUUID()
    const stream = await new TestStream(api.url, id, { lastEventId: 7 }).untilClosed()
    expect([stream.status, stream.retry, stream.frames]).toEqual([200, 2_000, []])
    expect(server.services.telemetry.streamsTurnedAway.unavailable).toBe(1)
    expect((await api.request(`/api/sse/${id}`, { method: 'HEAD' })).status).toBe(200)
    expect((await api.session(id)).error_code).toBe('SERVICE_UNAVAILABLE')
    kept.setAway(false)
    expect((await new TestStream(api.url, id).untilClosed()).status).toBe(404)
  })

  test('ends no session that nobody could extend', async () => {
    const { ada } = await table()
    clock.increment(9 * MINUTE_MS)
    kept.setAway(true)
    clock.increment(2 * MINUTE_MS)
    kept.setAway(false)
    clock.increment(2_000)
    await api.command(ada, 'extend')
    clock.increment(RETURN_MS)
    expect((await api.session(ada.sessionId)).status).toBe('waiting')
  })
})
