import { randomUUID } from 'node:crypto'
import { Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'

/*
 * `Idempotency-Key` (contract section 5): within ten minutes, the same key with the same request from the
 * same sender carries nothing out again, and gets the first outcome.
 */

const MINUTE_MS = 60_000
const SESSION = { name: 'Once', creator_name: 'Ada', creator_avatar: 'fox' }
const BOB = { user_name: 'Bob', user_avatar: 'owl' }

let server: InProcess
let api: Api
const clock = new SimulatedClock(Date.parse('2026-01-31T09:30:00.000Z'))

beforeAll(async () => {
  const environment = { MAX_SESSIONS: '100', TRUST_PROXY: '1', RATE_LIMITING: 'false' }
  server = await startInProcess({ clock, environment })
  api = new Api(server.url)
})

afterAll(() => server.stop())

const create = (key: string, changed: Partial<typeof SESSION> = {}, headers: Record<string, string> = {}) =>
  api.post('/api/sessions', {
    body: { ...SESSION, ...changed },
    headers: { 'Idempotency-Key': key, ...headers },
  })

const join = ({ sessionId }: Person, key: string, headers: Record<string, string> = {}) =>
  api.post(`/api/sessions/${sessionId}/join`, { body: BOB, headers: { 'Idempotency-Key': key, ...headers } })

/** A cookie's expiry is computed from the current time, to the second. */
const withoutDate = (header: string | null) => header?.replace(/; Expires=[^;]+/, '')

describe('creating and joining', () => {
  test('make one session, and repeat its ids, token, cookie and address', async () => {
    const key = randomUUID()
    const first = await create(key)
    const second = await create(key)
    expect([second.status, second.body]).toEqual([201, first.body])
    for (const header of ['set-cookie', 'location']) {
      expect(withoutDate(second.headers.get(header))).toBe(withoutDate(first.headers.get(header)))
    }
    const by = { sessionId: first.body.session_id, userId: first.body.user_id, token: second.body.user_token }
    await api.command(by, 'start')
    expect((await create(key)).body.session.status).toBe('voting')
  })

  test('take one seat, whose token works', async () => {
    const ada = await api.create()
    const key = randomUUID()
    const first = await join(ada, key)
    const second = await join(ada, key)
    expect(second.body).toEqual(first.body)
    expect((await api.session(ada.sessionId)).participants).toHaveLength(2)
    await api.command(
      { sessionId: ada.sessionId, userId: first.body.user_id, token: second.body.user_token },
      'extend',
    )
  })

  test('two at once make one participant', async () => {
    const ada = await api.create()
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 8 }, () => join(ada, key)))
    expect(new Set(answers.map(({ body }) => body.user_token)).size).toBe(1)
    expect((await api.session(ada.sessionId)).participants).toHaveLength(2)
  })

  test('tie a key to its owner: from another address it is another key', async () => {
    const ada = await api.create()
    const key = randomUUID()
    const [bob, mallory] = [
      await join(ada, key, { 'X-Forwarded-For': '203.0.113.1' }),
      await join(ada, key, { 'X-Forwarded-For': '203.0.113.2' }),
    ]
    expect(mallory.body.user_id).not.toBe(bob.body.user_id)
    expect(mallory.body.user_token).not.toBe(bob.body.user_token)
  })

  test('are forgotten with the session, and with the participant', async () => {
    const [key, seatKey] = [randomUUID(), randomUUID()]
    const { body } = await create(key)
    const ada = { sessionId: body.session_id, userId: body.user_id, token: body.user_token }
    const bob = await join(ada, seatKey)
    await api.command(ada, `kick/${bob.body.user_id}`)
    expect((await join(ada, seatKey)).body.user_id).not.toBe(bob.body.user_id)
    await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
    expect((await create(key)).body.session_id).not.toBe(ada.sessionId)
    expect((await join(ada, seatKey)).status).toBe(404)
  })
})

describe('every command', () => {
  test('is carried out once', async () => {
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const once = (path: string, by: Person, key: string, body?: object) =>
      api.post(`/api/sessions/${ada.sessionId}/${path}`, { by, body, headers: { 'Idempotency-Key': key } })
    const keys = Array.from({ length: 5 }, () => randomUUID())
    for (const _ of [1, 2, 3]) expect((await once('start', ada, keys[0] ?? '')).status).toBe(200)
    for (const _ of [1, 2]) expect((await once('vote', bob, keys[1] ?? '', { vote: '5' })).status).toBe(200)
    await api.command(bob, 'vote', { vote: '8' })
    // The repeat of the first vote comes late, and changes nothing.
    await once('vote', bob, keys[1] ?? '', { vote: '5' })
    const revealed = [await once('reveal', ada, keys[2] ?? ''), await once('reveal', ada, keys[2] ?? '')]
    expect(revealed.map(({ body }) => body.statistics.average)).toEqual([8, 8])
    for (const _ of [1, 2]) expect((await once('extend', bob, keys[3] ?? '')).status).toBe(200)
    // Two joins, a start, two votes, a reveal that completes, and an extension.
    expect((await api.session(ada.sessionId)).state_version).toBe(7)
  })

  test('counts as two when two participants use one key', async () => {
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    await api.command(ada, 'start')
    const headers = { 'Idempotency-Key': randomUUID() }
    for (const by of [ada, bob]) {
      await api.post(`/api/sessions/${ada.sessionId}/vote`, { by, body: { vote: '5' }, headers })
    }
    expect(Object.keys((await api.session(ada.sessionId)).current_round.votes)).toHaveLength(2)
  })
})

/** A path below `/api`, in which `ID`, `ADA` and `BOB` stand for their ids, and a body. */
type Asked = readonly [path: string, body?: unknown]

describe('a request', () => {
  let ada: Person
  let bob: Person

  beforeEach(async () => {
    ada = await api.create()
    bob = await api.join(ada.sessionId)
  })

  const ask = (key: string, [path, body]: Asked) => {
    const ids = path.replace('ID', ada.sessionId).replace('ADA', ada.userId).replace('BOB', bob.userId)
    return api.post(`/api/${ids}`, { by: ada, body, headers: { 'Idempotency-Key': key } })
  }

  test.each<[string, Asked, Asked]>([
    ['with a slash at its end', ['sessions/ID/pause'], ['sessions/ID/pause/']],
    ['without one', ['sessions/ID/pause/'], ['sessions/ID/pause']],
    ['naming its sender', ['sessions/ID/pause'], ['sessions/ID/pause?user_id=ADA']],
    ['no longer naming them', ['sessions/ID/kick/BOB?kicker_id=ADA'], ['sessions/ID/kick/BOB']],
    ['with a parameter that is ignored', ['sessions/ID/pause'], ['sessions/ID/pause?from=chat']],
    ['with a body that is ignored', ['sessions/ID/pause'], ['sessions/ID/pause', { why: 'lunch' }]],
    [
      'with a member that is ignored',
      ['sessions/ID/start', { title: 'A' }],
      ['sessions/ID/start', { title: 'A', points: 5 }],
    ],
    [
      'in another order',
      ['sessions/ID/stories', { title: 'A', notes: 'N' }],
      ['sessions/ID/stories', { notes: 'N', title: 'A' }],
    ],
    [
      'with its parameters in another order',
      ['sessions/ID/transfer?new_master_id=BOB&current_master_id=ADA'],
      ['sessions/ID/transfer?current_master_id=ADA&new_master_id=BOB'],
    ],
  ])('is the same %s, and gets the first outcome', async (_how, first, again) => {
    const key = randomUUID()
    const { status, body } = await ask(key, first)
    expect(status).toBeLessThan(300)
    const { state_version: version } = await api.session(ada.sessionId)
    expect(await ask(key, again)).toMatchObject({ status, body })
    expect((await api.session(ada.sessionId)).state_version).toBe(version)
  })

  test.each<[string, Asked, Asked]>([
    ['to do something else', ['sessions/ID/pause'], ['sessions/ID/resume']],
    ['about somebody else', ['sessions/ID/kick/BOB'], ['sessions/ID/kick/ADA']],
    [
      'for somebody else',
      ['sessions/ID/transfer?new_master_id=BOB'],
      ['sessions/ID/transfer?new_master_id=ADA'],
    ],
    ['with a parameter that counts', ['mobile/ID/optimize'], ['mobile/ID/optimize?battery_level=20']],
    ['with another body', ['sessions/ID/start', { title: 'A' }], ['sessions/ID/start', { title: 'B' }]],
    ['with a body', ['sessions/ID/reconnect'], ['sessions/ID/reconnect', {}]],
    ['with another state', ['sessions/ID/reconnect', nested(2)], ['sessions/ID/reconnect', nested(3)]],
  ])('is another one %s, and refused', async (_how, first, other) => {
    const key = randomUUID()
    expect((await ask(key, first)).status).toBe(200)
    expect(await ask(key, other)).toMatchObject({ status: 422, body: { error_code: 'VALIDATION_ERROR' } })
  })

  test('to reconnect is answered with the session as it is now, and shows life again', async () => {
    const ada = await api.create()
    const repeated = { by: ada, body: {}, headers: { 'Idempotency-Key': randomUUID() } }
    const reconnect = () => api.post(`/api/sessions/${ada.sessionId}/reconnect`, repeated)
    expect((await reconnect()).status).toBe(200)
    await api.join(ada.sessionId)
    await api.command(ada, 'start')
    clock.increment(2 * MINUTE_MS)
    expect((await api.session(ada.sessionId)).status).toBe('grace_period')
    const { body } = await reconnect()
    const session = await api.session(ada.sessionId)
    expect(session.status).toBe('voting')
    expect(body.server_state).toMatchObject({ status: 'voting', state_version: session.state_version })
    expect(body.sync_data.session.participants).toEqual(session.participants)
  })

  test('may have a state that is nested as deeply as it has room for', async () => {
    const key = randomUUID()
    const deep = `{"client_state":{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`
    const asked = ['sessions/ID/reconnect', deep] as const
    const first = await ask(key, asked)
    expect(first.status).toBe(200)
    expect((await ask(key, asked)).body).toEqual(first.body)
    expect((await ask(key, ['sessions/ID/reconnect', nested(3)])).status).toBe(422)
  })
})

/** A client's state of so many levels. */
function nested(levels: number) {
  const text = '['.repeat(levels) + ']'.repeat(levels)
  return { client_state: { a: JSON.parse(text) } }
}

test.each([
  ['another body', { name: 'Twice' }],
  ['another name', { creator_name: 'Eve' }],
])('the same key with %s is refused', async (_name, changed) => {
  const key = randomUUID()
  await create(key)
  expect(await create(key, changed)).toMatchObject({ status: 422, body: { error_code: 'VALIDATION_ERROR' } })
})

test('a key that can be guessed, or is longer than any need be, is refused', async () => {
  const statuses = await Promise.all(
    [1, 15, 16, 128, 129].map(async (n) => (await create('k'.repeat(n))).status),
  )
  expect(statuses).toEqual([422, 422, 201, 201, 422])
})

test('after ten minutes a key is new again', async () => {
  const key = randomUUID()
  const first = await create(key)
  clock.increment(7 * MINUTE_MS)
  await api.post(`/api/sessions/${first.body.session_id}/extend`, {
    by: { sessionId: first.body.session_id, userId: first.body.user_id, token: first.body.user_token },
  })
  clock.increment(3 * MINUTE_MS)
  expect((await create(key)).body.session_id).toBe(first.body.session_id)
  clock.increment(1)
  expect((await create(key)).body.session_id).not.toBe(first.body.session_id)
})
