import { hash } from 'node:crypto'
import { type Answer, Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

const START = Date.parse('2026-01-31T09:30:00.000Z')

let clock: SimulatedClock
let server: InProcess
let api: Api

beforeEach(async () => {
  clock = new SimulatedClock(START)
  server = await startInProcess({ clock, environment: { RATE_LIMITING: 'false', MAX_SESSIONS: '3' } })
  api = new Api(server.url)
})

afterEach(() => server.stop())

function open(room: unknown): Promise<Answer> {
  const body = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox', room }
  return api.post('/api/sessions', { body })
}

describe('a room', () => {
  test('has one session at a time, and its link stays', async () => {
    expect((await api.request('/api/rooms/team-blue')).body).toEqual({ room: 'team-blue', session: null })
    const first = await open('team-blue')
    expect(first.status).toBe(201)
    expect(first.body.join_url).toBe(`${server.url}/r/team-blue`)
    expect(first.body.session.room).toBe('team-blue')
    const { body } = await api.request('/api/rooms/team-blue')
    expect(body.session).toMatchObject({ id: first.body.session_id, name: 'Sprint', seats: 16 })
    expect(await open('team-blue')).toMatchObject({
      status: 409,
      body: { error_code: 'ROOM_TAKEN', context: { session_id: first.body.session_id } },
    })
    const ada = { sessionId: first.body.session_id, userId: first.body.user_id, token: first.body.user_token }
    await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
    expect((await api.request('/api/rooms/team-blue')).body.session).toBeNull()
    expect((await open('team-blue')).status).toBe(201)
  })

  test('that several open at once goes to one; the others are told where to go', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => open('team-blue')))
    const made = answers.filter(({ status }) => status === 201)
    expect(made).toHaveLength(1)
    for (const { status, body } of answers.filter((answer) => answer !== made[0])) {
      expect([status, body.context.session_id]).toEqual([409, made[0]?.body.session_id])
    }
  })

  test('has at most one session while some end theirs and others open it', async () => {
    let made = (await open('team-blue')).body
    for (let day = 0; day < 20; day += 1) {
      const ada = { sessionId: made.session_id, userId: made.user_id, token: made.user_token }
      const path = `/api/sessions/${ada.sessionId}`
      const [before, , after] = await Promise.all([
        Promise.all(Array.from({ length: 3 }, () => open('team-blue'))),
        api.request(path, { method: 'DELETE', by: ada }),
        Promise.all(Array.from({ length: 3 }, () => open('team-blue'))),
      ])
      const won = [...before, ...after].filter(({ status }) => status === 201)
      expect(won.length).toBeLessThanOrEqual(1)
      for (const { status, body } of [...before, ...after]) {
        if (status === 201) continue
        expect([status, body.error_code]).toEqual([409, 'ROOM_TAKEN'])
        expect([ada.sessionId, won[0]?.body.session_id]).toContain(body.context.session_id)
      }
      made = won[0]?.body ?? (await open('team-blue')).body
      expect((await api.request('/api/rooms/team-blue')).body.session.id).toBe(made.session_id)
      expect((await api.request('/api/sessions')).body).toHaveLength(1)
    }
  })

  test('that is taken is reported as such, even when the server is full', async () => {
    await open('team-blue')
    await open('team-red')
    await open('team-green')
    expect((await open('team-blue')).body.error_code).toBe('ROOM_TAKEN')
    expect((await open('team-black')).body.error_code).toBe('MAX_SESSIONS_REACHED')
  })

  test.each(['Team', 'team.blue', 'team blue', 'a', '-team', 'x'.repeat(41), '', 7])(
    'cannot be called %j',
    async (name) => {
      expect(await open(name)).toMatchObject({ status: 422, body: { error_code: 'VALIDATION_ERROR' } })
      if (name === '') return
      expect((await api.request(`/api/rooms/${encodeURIComponent(name)}`)).status).toBe(422)
    },
  )

  test('is optional, and null means none', async () => {
    expect((await open(null)).body.session.room).toBeNull()
    expect((await open(undefined)).body.join_url).toMatch(/\/s\/[0-9a-f-]{36}$/)
  })
})

describe('a seat code', () => {
  const seat = (sessionId: string, code: unknown) =>
    api.post(`/api/sessions/${sessionId}/seat`, { body: { code } })
  const codeOf = async (by: Person): Promise<string> => (await api.command(by, 'seat-code')).body.code

  test('carries a seat to another device, once and within a minute', async () => {
    const ada = await api.create()
    const given = await api.command(ada, 'seat-code')
    expect(given.body).toEqual({
      code: expect.stringMatching(/^[34679ACEFGHJKMNPRTWXY]{8}$/),
      expires_at: new Date(START + 60_000).toISOString(),
    })
    expect(given.headers.get('cache-control')).toBe('no-store')
    const taken = await seat(ada.sessionId, given.body.code.toLowerCase())
    expect(taken).toMatchObject({
      status: 200,
      body: { user_id: ada.userId, session: { id: ada.sessionId } },
    })
    expect(taken.headers.get('set-cookie')).toContain(`magnapp_${ada.sessionId}=`)
    const phone = { ...ada, token: taken.body.user_token }
    await api.command(phone, 'start')
    await api.command(ada, 'reveal')
    expect((await api.session(ada.sessionId)).participants).toHaveLength(1)
    const used = await seat(ada.sessionId, given.body.code)
    const late = await codeOf(ada)
    clock.increment(60_000)
    for (const answer of [
      used,
      await seat(ada.sessionId, late),
      await seat(ada.sessionId, 'AAAAAAAA'),
      await seat(ada.sessionId, ''),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { error_code: 'SEAT_CODE_INVALID', context: {} } })
    }
  })

  test('of one session opens no seat in another, and only the newest works', async () => {
    const ada = await api.create()
    const eve = await api.create()
    const [first, second] = [await codeOf(ada), await codeOf(ada)]
    expect((await seat(eve.sessionId, second)).status).toBe(404)
    expect((await seat(ada.sessionId, first)).status).toBe(404)
    expect((await seat(ada.sessionId, second)).status).toBe(200)
  })

  test('needs its owner’s token', async () => {
    const ada = await api.create()
    expect((await api.post(`/api/sessions/${ada.sessionId}/seat-code`)).status).toBe(401)
    expect((await seat(ada.sessionId, 7)).status).toBe(422)
  })

  test('allows ten guesses a minute from one address, whatever the rate limits are', async () => {
    const ada = await api.create()
    const code = await codeOf(ada)
    const statuses: number[] = []
    for (let guess = 0; guess < 10_000; guess += 100) {
      const wrong = Array.from({ length: 100 }, (_, n) => seat(ada.sessionId, `GUESS${guess + n}`))
      for (const { status } of await Promise.all(wrong)) statuses.push(status)
    }
    expect(statuses.filter((status) => status === 404)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(9_990)
    const limited = await seat(ada.sessionId, code)
    expect(limited).toMatchObject({ status: 429, body: { error_code: 'RATE_LIMITED' } })
    expect(limited.body.retry_after).toBeLessThanOrEqual(60)
    const other = await api.create()
    expect((await seat(other.sessionId, await codeOf(other))).status).toBe(200)
    clock.increment(60_000)
    expect((await seat(ada.sessionId, await codeOf(ada))).status).toBe(200)
  }, 60_000)

  test('can be redeemed by many people at one address, since only wrong ones count', async () => {
    const ada = await api.create()
    for (let device = 0; device < 15; device += 1) {
      const person = device === 0 ? ada : await api.join(ada.sessionId)
      expect((await seat(ada.sessionId, await codeOf(person))).status).toBe(200)
    }
  })

  test('ends with its owner, and so do all their tokens and streams', async () => {
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const { body } = await seat(ada.sessionId, await codeOf(bob))
    const phone = { ...bob, token: body.user_token }
    const streams = await Promise.all(
      [bob, phone].map(({ token }) =>
        new TestStream(server.url, ada.sessionId, { token }).untilType('session_updated'),
      ),
    )
    const unused = await codeOf(bob)
    await api.command(ada, `kick/${bob.userId}`)
    for (const stream of streams) await stream.untilClosed()
    for (const by of [bob, phone]) {
      expect((await api.post(`/api/sessions/${ada.sessionId}/leave`, { by })).status).toBe(403)
    }
    expect((await seat(ada.sessionId, unused)).status).toBe(404)
  })

  test('carries a seat to eight devices; one more puts the oldest out', async () => {
    const ada = await api.create()
    const tokens = [ada.token]
    for (let device = 0; device < 8; device += 1) {
      tokens.push(
        (await seat(ada.sessionId, await codeOf({ ...ada, token: tokens.at(-1) ?? '' }))).body.user_token,
      )
    }
    const extend = (token: string) =>
      api.post(`/api/sessions/${ada.sessionId}/extend`, { by: { ...ada, token } })
    const statuses = await Promise.all(tokens.map(async (token) => (await extend(token)).status))
    expect(statuses).toEqual([403, ...Array.from({ length: 8 }, () => 200)])
  })

  test('is kept as a digest that no other session shares', async () => {
    const ada = await api.create()
    const code = await codeOf(ada)
    const kept = server.services.supervisor.sessions()
    const text = JSON.stringify([...kept].map(({ snapshot }) => snapshot.context))
    expect(text).toContain(hash('sha256', `${ada.sessionId} ${code}`, 'base64url'))
    expect(text).not.toContain(code)
    expect(text).not.toContain(hash('sha256', code, 'base64url'))
  })

  test.each([
    ['7', 404, 'SEAT_CODE_INVALID'],
    ['AAAAAAA', 404, 'SEAT_CODE_INVALID'],
    ['AAAAAAAAA', 404, 'SEAT_CODE_INVALID'],
    ['A'.repeat(10_000), 422, 'VALIDATION_ERROR'],
  ])('of the wrong length opens nothing, case %#', async (code, status, error_code) => {
    const ada = await api.create()
    expect(await seat(ada.sessionId, code)).toMatchObject({ status, body: { error_code } })
    expect((await api.session(ada.sessionId)).participants).toHaveLength(1)
  })

  test('is in no log', async () => {
    const ada = await api.create()
    const code = await codeOf(ada)
    const { body } = await seat(ada.sessionId, code)
    expect(server.log()).not.toContain(code)
    expect(server.log()).not.toContain(body.user_token)
  })
})

describe('a nudge', () => {
  test('is announced to everybody, and reaches a person at most once in ten seconds', async () => {
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const olga = await api.join(ada.sessionId, 'Olga')
    await api.command(olga, 'role', { role: 'observer' })
    const nudge = (by: Person, userId: string) =>
      api.post(`/api/sessions/${ada.sessionId}/nudge/${userId}`, { by })
    expect((await nudge(ada, bob.userId)).body.error_code).toBe('VOTING_ERROR')
    await api.command(ada, 'start')
    const stream = await new TestStream(server.url, ada.sessionId).untilType('session_updated')
    expect((await nudge(ada, bob.userId)).status).toBe(200)
    await stream.untilType('user_nudged')
    stream.close()
    expect(stream.frames.at(-1)?.data.data).toEqual({ user_id: bob.userId, by: ada.userId })
    clock.increment(3_500)
    expect(await nudge(ada, bob.userId)).toMatchObject({
      status: 429,
      body: { error_code: 'RATE_LIMITED', retry_after: 7 },
    })
    for (const userId of [ada.userId, olga.userId]) {
      expect(await nudge(ada, userId)).toMatchObject({ status: 400, body: { error_code: 'VOTING_ERROR' } })
    }
    expect((await nudge(ada, 'nobody')).body.error_code).toBe('USER_NOT_FOUND')
    expect((await nudge(bob, olga.userId)).status).toBe(403)
    await api.command(bob, 'vote', { vote: '5' })
    clock.increment(60_000)
    expect((await nudge(ada, bob.userId)).body.error_code).toBe('VOTING_ERROR')
  })
})
