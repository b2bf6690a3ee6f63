import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importStories } from '../../src/wire/csv-import.js'
import { Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { applied, type Mirror } from '../support/mirror.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

const START = Date.parse('2026-01-31T09:30:00.000Z')
const BACKLOG = readFileSync(join(__dirname, '../support/backlog.csv'), 'utf8')
const NAMES = ['Ada', 'Bob', 'Cem', 'Dora', 'Eva', 'Finn', 'Gül', 'Hana', 'Ivo', 'Jun', 'Kim', 'عمر']
const DECK = ['1', '2', '3', '5', '8', '13', '21']

/** A meeting as a team has it; everything over HTTP and the stream, with time moved by hand. */
class Meeting {
  readonly clock: SimulatedClock
  readonly api: Api
  readonly people: Person[] = []
  readonly streams: TestStream[] = []
  readonly #isOpen: boolean

  constructor(server: InProcess, clock: SimulatedClock, identity: string) {
    this.clock = clock
    this.api = new Api(server.url)
    this.#isOpen = identity === 'open'
  }

  person(n: number): Person {
    const person = this.people[n]
    if (person === undefined) throw new Error(`there is no person ${n}`)
    return person
  }

  /** A request by somebody: with their token, or under IDENTITY=open with their user id alone. */
  async act(n: number, method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    const by = this.person(n)
    const url = `/api/sessions/${by.sessionId}/${path}`
    const open = `${url}${path.includes('?') ? '&' : '?'}user_id=${by.userId}`
    this.clock.increment(1_000)
    return this.api.request(this.#isOpen ? open : url, {
      method,
      body,
      ...(headers === undefined ? {} : { headers }),
      ...(this.#isOpen ? {} : { by }),
    })
  }

  async must(n: number, method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    const answer = await this.act(n, method, path, body, headers)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`)
    return answer
  }

  async open(n: number): Promise<TestStream> {
    const { sessionId, token, userId } = this.person(n)
    const request = this.#isOpen ? { query: `?user_id=${userId}` } : { token }
    const stream = await new TestStream(this.api.url, sessionId, request).untilType('session_updated')
    this.streams[n] = stream
    return stream
  }

  async version(): Promise<number> {
    return (await this.api.session(this.person(0).sessionId)).state_version
  }

  /** The state that one client has built from its stream must be the server's. */
  async agree(n: number): Promise<Mirror> {
    const stream = this.streams[n]
    if (stream === undefined) throw new Error('no stream')
    await stream.untilVersion(await this.version())
    return applied(stream.frames)
  }
}

describe.each(['token', 'open'])('a refinement meeting, IDENTITY=%s', (identity) => {
  test('twelve people, thirty stories out of Jira, two of them twice, and the results exported', async () => {
    const clock = new SimulatedClock(START)
    const environment = { IDENTITY: identity, RATE_LIMITING: 'false' }
    const server = await startInProcess({ clock, environment })
    try {
      await hold(new Meeting(server, clock, identity))
    } finally {
      await server.stop()
    }
  }, 60_000)
})

async function hold(meeting: Meeting): Promise<void> {
  const { api, people, clock } = meeting
  const created = await api.post('/api/sessions', {
    body: {
      name: 'Refinement',
      creator_name: NAMES[0],
      creator_avatar: '🦊',
      room: 'team-blue',
      settings: { deck: DECK, auto_reveal: true, round_seconds: 120 },
    },
  })
  expect(created.status).toBe(201)
  expect(created.body.join_url).toMatch(/\/r\/team-blue$/)
  const sessionId = created.body.session_id
  people.push({ sessionId, userId: created.body.user_id, token: created.body.user_token })
  expect((await api.request('/api/rooms/team-blue')).body.session.id).toBe(sessionId)
  for (const name of NAMES.slice(1)) people.push(await api.join(sessionId, name))
  for (const n of people.keys()) await meeting.open(n)
  // The last one only watches.
  await meeting.must(11, 'POST', 'role', { role: 'observer' })

  const imported = await meeting.must(0, 'POST', 'stories/import', BACKLOG, { 'Content-Type': 'text/csv' })
  expect([imported.status, imported.body.imported]).toEqual([201, 30])
  const { stories } = (await meeting.must(0, 'GET', 'stories')).body
  expect(stories[0].title).toBe('SHOP-101 Pay with a card')

  const results: string[] = []
  for (const [n, story] of stories.entries()) {
    const isDisputed = n === 4 || n === 17
    for (const attempt of isDisputed ? [1, 2] : [1]) {
      const started = await meeting.must(0, 'POST', 'start', { story_id: story.id })
      expect(started.body.round).toMatchObject({ attempt, story: { id: story.id, title: story.title } })
      if (n === 7) await dropAndReturn(meeting)
      if (n === 12) await moveToPhone(meeting)
      for (let voter = 0; voter < 11; voter += 1) {
        const card = DECK[isDisputed && attempt === 1 ? voter % 7 : (n + (voter === 3 ? 1 : 0)) % 7]
        await meeting.must(voter, 'POST', 'vote', { vote: card })
      }
      const { current_round, status } = await api.session(sessionId)
      expect(status).toBe('results')
      expect(current_round.statistics.total_votes).toBe(11)
      if (isDisputed && attempt === 1) expect(current_round.statistics.agreement).toBeLessThan(0.5)
      else results.push(current_round.statistics.mode[0])
    }
    await meeting.must(0, 'POST', 'accept', { estimate: results.at(-1) })
  }

  const seen = await meeting.agree(11)
  const session = await api.session(sessionId)
  expect(seen.session).toEqual({
    ...session,
    last_activity: seen.session.last_activity,
    expires_at: seen.session.expires_at,
  })
  expect(seen.resyncs).toBe(0)
  const listed = (await meeting.must(1, 'GET', 'stories')).body
  expect(listed.stories.map((story: { estimate: string }) => story.estimate)).toEqual(results)
  expect(listed.stories_version).toBe(session.stories_version)
  const { rounds } = (await api.request(`/api/sessions/${sessionId}/history`)).body
  expect(rounds).toHaveLength(32)

  const table = await api.request(`/api/sessions/${sessionId}/export?format=csv`)
  expect(table.headers.get('content-disposition')).toMatch(/^attachment; filename="?Refinement.csv"?$/)
  const again = importStories(table.text)
  expect('stories' in again && again.stories.map(({ title, estimate }) => [title, estimate])).toEqual(
    listed.stories.map(({ title, estimate }: { title: string; estimate: string }) => [title, estimate]),
  )
  const text = (await api.request(`/api/sessions/${sessionId}/export?format=md`)).text
  expect(text).toContain('30 of 30 stories estimated, 32 rounds')
  clock.increment(1_000)
  await meeting.must(0, 'DELETE', '')
  await meeting.streams[11]?.untilClosed()
}

/** The Scrum Master drops in mid-round, with the timer running, and is back within the grace period. */
async function dropAndReturn(meeting: Meeting): Promise<void> {
  const { api, clock, people } = meeting
  const sessionId = people[0]?.sessionId ?? ''
  const before = (await api.session(sessionId)).current_round
  meeting.streams[0]?.close()
  await meeting.streams[1]?.until(() => true)
  await until(async () => {
    clock.increment(500)
    return (await api.session(sessionId)).status === 'grace_period'
  })
  const held = (await api.session(sessionId)).current_round
  expect(held.round_ends_at).toBeNull()
  expect(held.round_left_seconds).toBeGreaterThan(100)
  clock.increment(60_000)
  await meeting.open(0)
  await until(async () => (await api.session(sessionId)).status === 'voting')
  const after = (await api.session(sessionId)).current_round
  expect(Date.parse(after.round_ends_at) - Date.parse(before.round_ends_at)).toBeGreaterThan(59_000)
  await meeting.agree(11)
}

/** Bob carries on with his phone; his laptop is shut. */
async function moveToPhone(meeting: Meeting): Promise<void> {
  const { code } = (await meeting.must(1, 'POST', 'seat-code')).body
  const bob = meeting.person(1)
  const seat = await meeting.api.post(`/api/sessions/${bob.sessionId}/seat`, { body: { code } })
  expect([seat.status, seat.body.user_id]).toEqual([200, bob.userId])
  expect(seat.body.user_token).not.toBe(bob.token)
  meeting.people[1] = { ...bob, token: seat.body.user_token }
  const laptop = meeting.streams[1]
  await meeting.open(1)
  laptop?.close()
  expect((await meeting.api.post(`/api/sessions/${bob.sessionId}/seat`, { body: { code } })).status).toBe(404)
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) if (await isTrue()) return
  throw new Error('waited in vain')
}
