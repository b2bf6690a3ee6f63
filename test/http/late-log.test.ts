import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import type { UserId } from '../../machines/ids.js'
import { sessionMachine } from '../../machines/session/machine.js'
import { memoryLog } from '../../src/log/memory/command-log.js'
import type { CommandLog } from '../../src/runtime/command-log.js'
import type { RouteDefinition } from '../../src/wire/route-definition.js'
import { ROUTE_NAMES, ROUTES } from '../../src/wire/routes.js'
import { type Answer, Api, type Person } from '../support/api.js'
import { fragile } from '../support/fragile-chart.js'
import {
  type InProcess,
  type InProcessOptions,
  sequentialIds,
  startInProcess,
} from '../support/in-process.js'
import { aTurnLater, FAR_MS, farLog, HeldLog } from '../support/late-log.js'
import { linesOf, waitUntil } from '../support/log-lines.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

/*
 * A command counts once the log has given it its place, which may be after the request that proposed it has
 * been handled. Clients see the same, whatever the log.
 */

let server: InProcess | null = null
const streams: TestStream[] = []

async function start(options: InProcessOptions): Promise<Api> {
  server = await startInProcess(options)
  return new Api(server.url)
}

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close()
  await server?.stop()
  server = null
})

/** With an empty token, somebody who only watches. */
function open(api: Api, { sessionId, token }: Person): Promise<TestStream> {
  const stream = new TestStream(api.url, sessionId, token === '' ? {} : { token })
  streams.push(stream)
  return stream.untilType('session_updated')
}

const STORIES = { stories: [{ title: 'Log in' }, { title: 'Log out', link: 'https://example.org/2' }] }
const BACKLOG = 'title,notes\nSearch,fast\nFind,slow\n'

/** Every route that a session carries out. */
const COMMANDS = ROUTE_NAMES.filter((name) => {
  const { method, path }: RouteDefinition = ROUTES[name]
  return path.includes('{session_id}') && (method !== 'get' || name === 'heartbeat')
})

/** The routes with an answer that was not an error. */
function routesAnswered(from: InProcess | null): unknown[] {
  const requests = linesOf(from?.log() ?? '', 'request')
  return requests.filter(({ error_code }) => error_code === undefined).map(({ route }) => route)
}

interface Seen {
  readonly answers: readonly unknown[]
  readonly frames: readonly unknown[]
}

/** Everything a team does in a meeting, one thing at a time, and all that it sees of it. */
async function meeting(commandLog: CommandLog): Promise<Seen> {
  const clock = new SimulatedClock(Date.parse('2026-01-31T09:30:00.000Z'))
  const api = await start({ commandLog, clock, ids: sequentialIds(), environment: { MAX_SESSIONS: '3' } })
  const answers: unknown[] = []
  const note = <Given extends Answer>(answer: Given): Given => {
    // The port is different each time.
    const text = answer.text.replaceAll(api.url, 'http://here')
    answers.push([answer.status, text, answer.headers.get('location')])
    return answer
  }
  const seat = ({ body }: Answer, sessionId = body.session_id): Person => ({
    sessionId,
    userId: body.user_id,
    token: body.user_token,
  })
  const ada = seat(
    note(
      await api.post('/api/sessions', {
        body: { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox', room: 'team-blue' },
      }),
    ),
  )
  const path = `/api/sessions/${ada.sessionId}`
  const join = async (user_name: string) =>
    seat(note(await api.post(`${path}/join`, { body: { user_name, user_avatar: 'owl' } })), ada.sessionId)
  const ask = async (by: Person, what: string, body?: unknown, method = 'POST') =>
    note(await api.request(`${path}${what}`, { method, by, body }))
  const mobile = async (by: Person, what: string, body?: unknown, method = 'POST') =>
    note(await api.request(`/api/mobile/${ada.sessionId}${what}`, { method, by, body }))
  const [bob, eve] = [await join('Bob'), await join('Eve')]
  const watching = await open(api, { ...ada, token: '' })
  for (const by of [ada, bob, eve]) await open(api, by)
  await ask(ada, '/settings', { deck: 'fibonacci', round_seconds: 60 }, 'PATCH')
  await ask(ada, '/stories', STORIES)
  const headers = { 'Content-Type': 'text/csv' }
  note(await api.post(`${path}/stories/import`, { by: ada, body: BACKLOG, headers }))
  const { stories } = note(await api.request(`${path}/stories`)).body
  const ids: string[] = stories.map(({ id }: { id: string }) => id)
  await ask(ada, '/stories/order', { ids: [...ids].reverse() })
  await ask(ada, `/stories/${ids[0]}`, { title: 'Log in again' }, 'PATCH')
  await ask(ada, `/stories/${ids[3]}`, undefined, 'DELETE')
  await ask(bob, '/stories', STORIES)
  await ask(ada, '/start', { story_id: ids[0] })
  for (const by of [ada, bob, eve]) await ask(by, '/vote', { vote: '5' })
  await ask(eve, '/vote', { vote: null })
  await ask(ada, `/nudge/${eve.userId}`)
  await mobile(eve, '/touch-vote', { vote: '8', pressure: 0.5 })
  await ask(eve, '/vote', { vote: 'a card of another deck' })
  await ask(ada, '/round/extend', { seconds: 60 })
  await ask(bob, '/reveal')
  await ask(ada, '/reveal')
  await ask(ada, '/accept', { estimate: '5' })
  await ask(ada, '/pause')
  await ask(bob, '/vote', { vote: '1' })
  await ask(ada, '/resume')
  await ask(bob, '/extend')
  await ask(eve, '/role', { role: 'observer' })
  await mobile(bob, '/optimize?battery_level=10')
  await mobile(bob, '/heartbeat', undefined, 'GET')
  await ask(bob, '/reconnect', { client_state: { state_version: 1 } })
  await ask(bob, '/reconnect')
  const { code } = (await ask(bob, '/seat-code')).body
  await ask(bob, '/seat', { code: 'WRONGONE' })
  seat(note(await api.post(`${path}/seat`, { body: { code } })), ada.sessionId)
  note(await api.post(`${path}/seat`, { body: { code } }))
  await ask(ada, `/transfer?new_master_id=${bob.userId}`)
  await ask(bob, `/kick/${eve.userId}`)
  await ask(eve, '/vote', { vote: '1' })
  await ask(ada, '/leave')
  for (const what of ['', '/round', '/stories', '/history', '/export?format=csv']) {
    note(await api.request(path + what))
  }
  note(await api.request('/api/rooms/team-blue'))
  await ask(bob, '', undefined, 'DELETE')
  note(await api.request(path))
  await watching.untilClosed()
  return { answers, frames: watching.frames }
}

test.each([
  ['a turn', aTurnLater],
  ['50 ms', farLog],
])(
  'a meeting whose commands get their places %s later is the same',
  async (_what, log) => {
    const expected = await meeting(memoryLog)
    await server?.stop()
    const seen = await meeting(log)
    expect(seen).toEqual(expected)
    expect(routesAnswered(server)).toEqual(expect.arrayContaining(COMMANDS))
  },
  30_000,
)

describe('commands that get their places 50 ms later', () => {
  const SEATS = 16
  let api: Api
  let ada: Person

  beforeEach(async () => {
    api = await start({ commandLog: farLog, environment: { DISCONNECT_DEBOUNCE_SECONDS: '0.05' } })
    ada = await api.create()
  })

  test('from a whole table at once get an answer each, and every stream gets all events in order', async () => {
    const people = [ada]
    const joined = await Promise.all(
      Array.from({ length: SEATS - 1 }, (_, index) =>
        api.post(`/api/sessions/${ada.sessionId}/join`, {
          body: { user_name: `Bob ${index}`, user_avatar: 'owl' },
        }),
      ),
    )
    // Each answer counts as many people as its own place in the log implies.
    const seats = joined.map(({ body }) => body.session.participants.length)
    expect(seats.toSorted((one, other) => one - other)).toEqual(joined.map((_, index) => index + 2))
    for (const { body } of joined) {
      expect(body.session.participants.at(-1).id).toBe(body.user_id)
      people.push({ sessionId: ada.sessionId, userId: body.user_id, token: body.user_token })
    }
    const readers = await Promise.all(people.map((person) => open(api, person)))
    await api.command(ada, 'start')
    const path = `/api/sessions/${ada.sessionId}`
    const added = await Promise.all([
      ...people.map((by, index) =>
        api.post(`${path}/vote`, { by, body: { vote: index % 2 === 0 ? '5' : '8' } }),
      ),
      ...['One', 'Two', 'Three'].map((title) =>
        api.post(`${path}/stories`, { by: ada, body: { stories: [{ title }] } }),
      ),
    ])
    expect(added.map(({ status }) => status)).toEqual([...people.map(() => 200), 201, 201, 201])
    const stories = added.slice(SEATS).map(({ body }) => [body.stories[0].title, body.stories.length])
    expect(stories).toEqual([
      ['One', 1],
      ['Two', 1],
      ['Three', 1],
    ])
    const { statistics } = (await api.command(ada, 'reveal')).body
    expect(statistics.average).toBe(6.5)
    const session = await api.session(ada.sessionId)
    for (const reader of readers) {
      await reader.untilVersion(session.state_version)
      const ids = reader.events.map(({ id }) => Number(id))
      expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index))
      expect(reader.frames.at(-1)?.data.state_checksum).toBe(session.state_checksum)
    }
  })

  describe('and that are repeated meanwhile', () => {
    const repeated = (by: Person, what: string, key: string, body?: unknown) =>
      api.post(`/api/sessions/${by.sessionId}/${what}`, { by, body, headers: { 'Idempotency-Key': key } })

    test('are carried out once, and all get the same answer', async () => {
      const [joinKey, storyKey] = [randomUUID(), randomUUID()]
      const join = { body: { user_name: 'Bob', user_avatar: 'owl' }, headers: { 'Idempotency-Key': joinKey } }
      const [joins, stories] = await Promise.all([
        Promise.all([1, 2, 3, 4].map(() => api.post(`/api/sessions/${ada.sessionId}/join`, join))),
        Promise.all(
          [1, 2, 3, 4].map(() => repeated(ada, 'stories', storyKey, { stories: [{ title: 'One' }] })),
        ),
      ])
      for (const answers of [joins, stories]) {
        const [first, ...others] = answers.map(({ status, body }) => {
          const { session, ...own } = body
          return { status, own }
        })
        expect(first?.status).toBe(201)
        for (const other of others) expect(other).toEqual(first)
      }
      expect((await api.session(ada.sessionId)).participants).toHaveLength(2)
      expect((await api.request(`/api/sessions/${ada.sessionId}/stories`)).body.stories).toHaveLength(1)
    })

    test('with another body are refused', async () => {
      const key = randomUUID()
      await api.command(ada, 'start')
      const answers = await Promise.all([
        repeated(ada, 'vote', key, { vote: '5' }),
        repeated(ada, 'vote', key, { vote: '8' }),
      ])
      expect(answers.map(({ status }) => status)).toEqual([200, 422])
    })

    test('by somebody who hung up meanwhile are carried out once', async () => {
      const key = randomUUID()
      const body = { stories: [{ title: 'One' }] }
      const { hostname, port } = new URL(api.url)
      const request = httpRequest({
        hostname,
        port,
        method: 'POST',
        path: `/api/sessions/${ada.sessionId}/stories`,
        headers: {
          Authorization: `Bearer ${ada.token}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': key,
        },
      })
      request.on('error', () => {}).end(JSON.stringify(body))
      await new Promise((resolve) => setTimeout(resolve, FAR_MS / 2))
      request.destroy()
      expect((await repeated(ada, 'stories', key, body)).status).toBe(201)
      expect((await api.request(`/api/sessions/${ada.sessionId}/stories`)).body.stories).toHaveLength(1)
    })
  })

  test('do not hide that a stream closed before its opening had a place', async () => {
    const bob = await api.join(ada.sessionId)
    const watching = await open(api, bob)
    const leading = await open(api, ada)
    leading.close()
    await watching.untilType('grace_period_started')
    expect((await api.session(ada.sessionId)).status).toBe('grace_period')
  })

  test('that come after the session’s end are told that it is over', async () => {
    const answers = await Promise.all([
      api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada }),
      api.post(`/api/sessions/${ada.sessionId}/extend`, { by: ada }),
    ])
    expect(answers.map(({ status, body }) => [status, body.error_code])).toEqual([
      [200, undefined],
      [404, 'SESSION_NOT_FOUND'],
    ])
  })
})

describe('a first request held up by the log', () => {
  let held: HeldLog
  let api: Api
  let ada: Person

  beforeEach(async () => {
    held = new HeldLog()
    api = await start({ commandLog: held.log })
    ada = await api.create()
  })

  const key = randomUUID()
  const vote = () =>
    api.post(`/api/sessions/${ada.sessionId}/vote`, {
      by: ada,
      body: { vote: '5' },
      headers: { 'Idempotency-Key': key },
    })

  test('and then refused does not count: its repeats are carried out in turn', async () => {
    held.hold()
    const first = vote()
    await waitUntil(() => held.hasProposals)
    const [second, third, started] = [vote(), vote(), api.command(ada, 'start')]
    await new Promise((resolve) => setTimeout(resolve, FAR_MS))
    held.release()
    expect((await first).status).toBe(400)
    await started
    expect([(await second).status, (await third).status]).toEqual([200, 200])
    // The round and one vote.
    expect((await api.session(ada.sessionId)).state_version).toBe(2)
  })

  test('has at most sixteen repeats wait for it', async () => {
    await api.command(ada, 'start')
    held.hold()
    let refused = 0
    const answers = Array.from({ length: 20 }, async () => {
      const { status } = await vote()
      if (status === 429) refused += 1
      return status
    })
    await waitUntil(() => refused === 3)
    held.release()
    const statuses = (await Promise.all(answers)).toSorted((one, other) => one - other)
    expect(statuses).toEqual([...Array(17).fill(200), ...Array(3).fill(429)])
    expect((await api.session(ada.sessionId)).state_version).toBe(2)
  })
})

test('a session that is given up says so, even when its last entry gets its place late', async () => {
  const { machine, fuse } = fragile('extend')
  const api = await start({ machine, commandLog: farLog })
  const ada = await api.create()
  const stream = await open(api, ada)
  for (let failure = 0; failure < 4; failure += 1) {
    fuse.isLit = true
    expect((await api.post(`/api/sessions/${ada.sessionId}/extend`, { by: ada })).status).toBe(500)
  }
  await stream.untilClosed()
  expect(stream.frames.at(-1)?.data).toMatchObject({ type: 'session_expired', data: { reason: 'failed' } })
})

test('a session that cannot run is reported as a fault, and leaves no slot taken and no log', async () => {
  const ended: string[] = []
  const machine = Object.assign(sessionMachine.provide({}), {
    getInitialSnapshot: () => {
      throw new Error('no session runs')
    },
  })
  const api = await start({ commandLog: { ...aTurnLater, end: (id) => ended.push(id) }, machine })
  const headers = { 'Idempotency-Key': randomUUID() }
  const body = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox', room: 'blue' }
  for (const count of [1, 2]) {
    expect((await api.post('/api/sessions', { body, headers })).status).toBe(500)
    expect(ended).toHaveLength(count)
  }
  expect(server?.services.supervisor.capacity.active).toBe(0)
})

test('a command that gets its place only as the server ends is still carried out', async () => {
  const held = new HeldLog()
  const api = await start({ commandLog: { ...held.log, close: async () => held.release() } })
  const ada = await api.create()
  const [host] = server?.services.supervisor.sessions() ?? []
  const before = host?.snapshot.context.revision ?? 0
  held.hold()
  host?.propose({ type: 'session.extend', at: 0, by: ada.userId as UserId })
  await server?.stop()
  server = null
  expect(host?.snapshot.context.revision).toBe(before + 1)
})

test('a session that has stopped reports nothing more of its streams', async () => {
  const held = new HeldLog()
  const api = await start({ commandLog: held.log })
  const ada = await api.create()
  const stream = await open(api, ada)
  const [host] = server?.services.supervisor.sessions() ?? []
  const openStreams = () => host?.snapshot.context.participants[0]?.streams.length
  await waitUntil(() => openStreams() === 1)
  held.hold()
  stream.close()
  await waitUntil(() => held.hasProposals)
  host?.stop()
  held.release()
  // What was proposed has its place, but no longer changes anything.
  expect(openStreams()).toBe(1)
  held.hold()
  await new Promise((resolve) => setImmediate(resolve))
  expect(held.hasProposals).toBe(false)
})
