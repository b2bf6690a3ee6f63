import { type Answer, Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { applied } from '../support/mirror.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

const START = Date.parse('2026-01-31T09:30:00.000Z')

let clock: SimulatedClock
let server: InProcess
let api: Api

beforeEach(async () => {
  clock = new SimulatedClock(START)
  server = await startInProcess({ clock, environment: { RATE_LIMITING: 'false', MAX_SESSIONS: '10' } })
  api = new Api(server.url)
})

afterEach(() => server.stop())

/** A session of Ada's, with whatever else is requested. */
async function create(beside: object = {}): Promise<Person> {
  const body = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox', ...beside }
  const answer = await api.post('/api/sessions', { body })
  expect([answer.status, answer.text]).toEqual([201, expect.anything()])
  return { sessionId: answer.body.session_id, userId: answer.body.user_id, token: answer.body.user_token }
}

function send(by: Person, method: string, path: string, body?: unknown): Promise<Answer> {
  return api.request(`/api/sessions/${by.sessionId}/${path}`, { method, by, body })
}

/** Watches what happens; in the end, a client that followed must have what the server has. */
async function watch(sessionId: string): Promise<TestStream> {
  return new TestStream(server.url, sessionId).untilType('session_updated')
}

async function seenBy(stream: TestStream, sessionId: string) {
  const session = await api.session(sessionId)
  await stream.untilVersion(session.state_version)
  const mirror = applied(stream.frames)
  expect(mirror.resyncs).toBe(0)
  const { last_activity, expires_at } = mirror.session
  expect({ ...session, last_activity, expires_at }).toEqual(mirror.session)
  stream.close()
  return stream.events.map(({ data }) => data)
}

test('a session goes on where it was, before what it had waited for reveals the cards', async () => {
  const ada = await create({ settings: { auto_reveal: true, round_seconds: 60 } })
  const bob = await api.join(ada.sessionId)
  const stream = await watch(ada.sessionId)
  await api.command(ada, 'start')
  await api.command(ada, 'vote', { vote: '5' })
  await api.command(ada, 'pause')
  await api.command(bob, 'leave')
  await api.command(ada, 'resume')
  const seen = await seenBy(stream, ada.sessionId)
  const resumed = seen.findIndex(({ type }) => type === 'session_resumed')
  expect(seen[resumed]?.data.status).toBe('voting')
  expect(seen[resumed + 1]?.type).toBe('votes_revealed')
})

test('a refusal that depends on the status says which it is', async () => {
  const ada = await create({ settings: { vote_after_reveal: true } })
  const bob = await api.join(ada.sessionId)
  await api.command(ada, 'start')
  const contexts = async (code: string, ...asked: (readonly [Person, string, string, unknown?])[]) => {
    for (const [by, method, path, body] of asked) {
      const { body: problem } = await send(by, method, path, body)
      const { status } = await api.session(ada.sessionId)
      expect([path, problem.error_code]).toEqual([path, code])
      expect(problem.context).toMatchObject({ status, voting_phase: status })
    }
  }
  await contexts(
    'SESSION_STATE_CONFLICT',
    [ada, 'PATCH', 'settings', { anonymous_votes: true }],
    [bob, 'POST', 'role', { role: 'observer' }],
    [ada, 'POST', 'round/extend', { seconds: 60 }],
  )
  await api.command(ada, 'vote', { vote: '5' })
  await contexts('VOTING_ERROR', [ada, 'POST', `nudge/${ada.userId}`])
  await api.command(ada, 'reveal')
  clock.increment(10_000)
  await contexts('VOTING_ERROR', [bob, 'POST', 'vote', { vote: '5' }])
})

describe('settings', () => {
  test('have their old values where nobody asks for others', async () => {
    const ada = await create()
    const session = await api.session(ada.sessionId)
    expect(session).toMatchObject({ room: null, stories_version: 0 })
    expect(session.participants[0].role).toBe('voter')
    expect(session.settings).toEqual({
      deck: { name: 'magnapp', cards: ['1', '2', '3', '5', '8', '13', '21', 'coffee'] },
      auto_reveal: false,
      round_seconds: null,
      who_may_reveal: 'scrum_master',
      vote_after_reveal: false,
      anonymous_votes: false,
      listed: true,
    })
  })

  test('are set at creation and changed later, and everybody is told', async () => {
    const ada = await create({
      settings: { deck: ['½', '1', 'pass'], round_seconds: 30 },
      creator_role: 'observer',
    })
    const stream = await watch(ada.sessionId)
    const changed = await send(ada, 'PATCH', 'settings', { deck: 'tshirt', who_may_reveal: 'everyone' })
    expect(changed).toMatchObject({
      status: 200,
      body: { success: true, settings: { deck: { name: 'tshirt' } } },
    })
    expect((await send(ada, 'PATCH', 'settings', { deck: 'tshirt' })).status).toBe(200)
    const events = await seenBy(stream, ada.sessionId)
    expect(events).toMatchObject([{ type: 'session_updated', data: { reason: 'settings' } }])
    expect(events[0].data).toEqual({ reason: 'settings', settings: changed.body.settings })
  })

  test('can be changed only by the Scrum Master', async () => {
    const ada = await create()
    const bob = await api.join(ada.sessionId)
    const refused = await send(bob, 'PATCH', 'settings', { auto_reveal: true })
    expect(refused).toMatchObject({ status: 403, body: { error_code: 'UNAUTHORIZED' } })
    expect(refused.body.context.required_role).toBe('scrum_master')
    expect(
      (await api.request(`/api/sessions/${ada.sessionId}/settings`, { method: 'PATCH', body: {} })).status,
    ).toBe(401)
  })

  test.each([
    [{ auto_revael: true }, 'auto_revael'],
    [{ deck: ['5', '５'] }, 'deck.1'],
    [{ deck: Array.from({ length: 25 }, (_, n) => `${n}`) }, 'deck'],
    [{ deck: ['1', ''] }, 'deck.1'],
    [{ deck: ['1', 'a\u0007'] }, 'deck.1'],
    [{ auto_reveal: 'yes' }, 'auto_reveal'],
    [{ round_seconds: 5 }, 'round_seconds'],
  ])('%j is refused, at creation and later, and nothing changes', async (settings, path) => {
    const body = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox', settings }
    const refused = await api.post('/api/sessions', { body })
    expect(refused).toMatchObject({ status: 422, body: { error_code: 'VALIDATION_ERROR' } })
    expect(JSON.stringify(refused.body.context.issues)).toContain(path)
    const ada = await create()
    const before = await api.session(ada.sessionId)
    const later = await send(ada, 'PATCH', 'settings', settings)
    expect(later.status).toBe(422)
    expect(JSON.stringify(later.body.context.issues)).toContain(path)
    expect(await api.session(ada.sessionId)).toEqual({ ...before, last_activity: expect.anything() })
  })

  test('for deck and anonymity cannot change while a round is open', async () => {
    const ada = await create()
    await api.command(ada, 'start')
    for (const wish of [{ deck: 'fibonacci' }, { anonymous_votes: true }]) {
      expect(await send(ada, 'PATCH', 'settings', wish)).toMatchObject({
        status: 409,
        body: { error_code: 'SESSION_STATE_CONFLICT' },
      })
    }
    expect((await send(ada, 'PATCH', 'settings', { auto_reveal: true, round_seconds: 60 })).status).toBe(200)
  })
})

describe('votes', () => {
  test('are cards of the session’s deck; the refusal of any other names the deck', async () => {
    const ada = await create({ settings: { deck: 'tshirt' } })
    await api.command(ada, 'start')
    expect((await send(ada, 'POST', 'vote', { vote: 'M' })).status).toBe(200)
    const refused = await send(ada, 'POST', 'vote', { vote: '5' })
    expect(refused).toMatchObject({ status: 422, body: { error_code: 'VALIDATION_ERROR' } })
    expect(refused.body.context.deck).toEqual({
      name: 'tshirt',
      cards: ['XS', 'S', 'M', 'L', 'XL', 'XXL', '?', 'coffee'],
    })
    expect(refused.body.context.issues).toEqual([{ path: 'vote', message: expect.stringContaining('XS') }])
    for (const vote of [5, '', {}, 'x'.repeat(200), undefined]) {
      expect((await send(ada, 'POST', 'vote', { vote })).status).toBe(422)
    }
    const touched = await api.post(`/api/mobile/${ada.sessionId}/touch-vote`, {
      by: ada,
      body: { vote: '5' },
    })
    expect(touched.status).toBe(422)
  })

  test('are withdrawn, and withdrawing none is no fault', async () => {
    const ada = await create()
    const stream = await watch(ada.sessionId)
    await api.command(ada, 'start')
    await api.command(ada, 'vote', { vote: '5' })
    await api.command(ada, 'vote', { vote: null })
    await api.command(ada, 'vote', { vote: null })
    expect((await api.session(ada.sessionId)).current_round.votes).toEqual({})
    const events = await seenBy(stream, ada.sessionId)
    expect(events.map(({ type }) => type)).toEqual(['voting_started', 'vote_submitted', 'vote_withdrawn'])
    expect(events[2].data).toEqual({ user_id: ada.userId, votes_cast: 0 })
  })

  test('reveal themselves when all are in', async () => {
    const ada = await create({ settings: { auto_reveal: true } })
    const bob = await api.join(ada.sessionId)
    const stream = await watch(ada.sessionId)
    await api.command(ada, 'start')
    await api.command(ada, 'vote', { vote: '5' })
    await api.command(bob, 'vote', { vote: '8' })
    const events = await seenBy(stream, ada.sessionId)
    expect(events.map(({ type }) => type).slice(-3)).toEqual([
      'vote_submitted',
      'votes_revealed',
      'round_completed',
    ])
    expect(events.slice(-3).map(({ state_checksum }) => state_checksum === null)).toEqual([true, true, false])
  })

  test('change after the reveal where the settings allow it', async () => {
    const ada = await create({ settings: { vote_after_reveal: true } })
    const bob = await api.join(ada.sessionId)
    const stream = await watch(ada.sessionId)
    await api.command(ada, 'start')
    await api.command(bob, 'vote', { vote: '5' })
    await api.command(ada, 'reveal')
    await api.command(bob, 'vote', { vote: '8' })
    expect(await send(ada, 'POST', 'vote', { vote: '8' })).toMatchObject({
      status: 400,
      body: { error_code: 'VOTING_ERROR' },
    })
    const [changed] = (await seenBy(stream, ada.sessionId)).slice(-1)
    expect(changed).toMatchObject({
      type: 'vote_changed',
      data: { user_id: bob.userId, vote: { value: '8' }, statistics: { average: 8 } },
    })
  })
})

describe('a round’s time', () => {
  test('has an end, stands still during a pause, and can be extended', async () => {
    const ada = await create({ settings: { round_seconds: 60 } })
    const stream = await watch(ada.sessionId)
    const { round } = (await api.command(ada, 'start')).body
    expect(round).toMatchObject({
      round_ends_at: new Date(START + 60_000).toISOString(),
      round_left_seconds: null,
    })
    clock.increment(20_000)
    await api.command(ada, 'pause')
    clock.increment(30_000)
    const paused = (await api.session(ada.sessionId)).current_round
    expect(paused).toMatchObject({ round_ends_at: null, round_left_seconds: 40 })
    await api.command(ada, 'resume')
    const extended = await send(ada, 'POST', 'round/extend', { seconds: 10 })
    expect(extended.body.round_ends_at).toBe(new Date(START + 100_000).toISOString())
    clock.increment(50_000)
    const events = await seenBy(stream, ada.sessionId)
    expect(events.map(({ type }) => type)).toEqual([
      'voting_started',
      'session_paused',
      'session_resumed',
      'round_extended',
      'round_timer_ended',
    ])
    expect(events[2].data).toEqual({
      status: 'voting',
      round_ends_at: new Date(START + 90_000).toISOString(),
    })
    expect((await api.session(ada.sessionId)).status).toBe('voting')
  })

  test.each([
    [{ seconds: 9 }, 422, 'VALIDATION_ERROR'],
    [{ seconds: 601 }, 422, 'VALIDATION_ERROR'],
    [{}, 422, 'VALIDATION_ERROR'],
    [{ seconds: 60 }, 409, 'SESSION_STATE_CONFLICT'],
  ])('is not extended by %j in a round without a limit', async (body, status, error_code) => {
    const ada = await create()
    await api.command(ada, 'start')
    expect(await send(ada, 'POST', 'round/extend', body)).toMatchObject({ status, body: { error_code } })
  })
})

describe('observers', () => {
  test('join, see everything, never vote, and may change their mind between rounds', async () => {
    const ada = await create()
    const joined = await api.post(`/api/sessions/${ada.sessionId}/join`, {
      body: { user_name: 'Olga', user_avatar: 'owl', role: 'observer' },
    })
    const olga = { sessionId: ada.sessionId, userId: joined.body.user_id, token: joined.body.user_token }
    const stream = await watch(ada.sessionId)
    await api.command(ada, 'start')
    const refused = await send(olga, 'POST', 'vote', { vote: '5' })
    expect(refused).toMatchObject({
      status: 403,
      body: { error_code: 'UNAUTHORIZED', context: { required_role: 'voter' } },
    })
    expect((await send(olga, 'POST', 'role', { role: 'voter' })).status).toBe(409)
    await api.command(ada, 'reveal')
    await api.command(olga, 'role', { role: 'voter' })
    await api.command(ada, 'role', { role: 'observer', user_id: olga.userId })
    expect((await send(olga, 'POST', 'role', { role: 'observer', user_id: ada.userId })).status).toBe(403)
    expect((await send(olga, 'POST', 'role', { role: 'host' })).status).toBe(422)
    const events = await seenBy(stream, ada.sessionId)
    expect(events.slice(-2).map(({ data }) => data)).toEqual([
      { user_id: olga.userId, role: 'voter' },
      { user_id: olga.userId, role: 'observer' },
    ])
  })
})

describe('agreement', () => {
  test('is recorded on the round and its story, and in the history', async () => {
    const ada = await create()
    const stream = await watch(ada.sessionId)
    expect(await send(ada, 'POST', 'accept', { estimate: '5' })).toMatchObject({
      status: 409,
      body: { error_code: 'SESSION_STATE_CONFLICT' },
    })
    const { round } = (await api.command(ada, 'start', { title: 'Log in' })).body
    expect(round).toMatchObject({ story: { title: 'Log in', link: null }, attempt: 1 })
    await api.command(ada, 'vote', { vote: '5' })
    const path = `/api/sessions/${ada.sessionId}`
    expect((await api.request(`${path}/history`)).body).toEqual({ rounds: [] })
    clock.increment(42_000)
    await api.command(ada, 'reveal')
    await api.command(ada, 'accept', { estimate: '5' })
    expect((await api.request(`${path}/stories`)).body.stories).toMatchObject([
      { title: 'Log in', estimate: '5', attempts: 1 },
    ])
    const { rounds } = (await api.request(`${path}/history`)).body
    expect(rounds).toMatchObject([
      {
        id: round.id,
        story: round.story,
        attempt: 1,
        duration_seconds: 42,
        accepted_estimate: '5',
        anonymous: false,
        votes: { [ada.userId]: { value: '5' } },
        statistics: { average: 5 },
      },
    ])
    const events = await seenBy(stream, ada.sessionId)
    expect(events.map(({ type }) => type)).toEqual([
      'stories_updated',
      'voting_started',
      'vote_submitted',
      'votes_revealed',
      'round_completed',
      'stories_updated',
      'estimate_accepted',
    ])
    for (const estimate of ['', 'x'.repeat(9), 5, null]) {
      expect((await send(ada, 'POST', 'accept', { estimate })).status).toBe(422)
    }
  })

  test('a round is about a story of the list or a new one, not both', async () => {
    const ada = await create()
    const id = '00000000-0000-4000-8000-000000000001'
    expect((await send(ada, 'POST', 'start', { story_id: id, title: 'x' })).status).toBe(422)
    expect(await send(ada, 'POST', 'start', { story_id: id })).toMatchObject({
      status: 404,
      body: { error_code: 'STORY_NOT_FOUND' },
    })
    expect((await send(ada, 'POST', 'start', { title: '' })).status).toBe(422)
    expect((await api.session(ada.sessionId)).status).toBe('waiting')
  })
})

test('an unlisted session is in no list and no health answer; only its link finds it', async () => {
  const ada = await create({ settings: { listed: false } })
  const bob = await create()
  expect((await api.request('/api/sessions')).text).not.toContain(ada.sessionId)
  const capacity = await api.request('/api/health/capacity')
  expect(capacity.body).toMatchObject({ active_sessions: 2, active_session_ids: [bob.sessionId] })
  expect((await api.request('/api/health/status')).text).not.toContain(ada.sessionId)
  expect((await api.session(ada.sessionId)).name).toBe('Sprint')
  await api.join(ada.sessionId)
})

test('a list of sessions says how many seats each has', async () => {
  await create()
  expect((await api.request('/api/sessions')).body).toMatchObject([{ participant_count: 1, seats: 16 }])
})
