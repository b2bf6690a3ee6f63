import { type Answer, Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { TestStream } from '../support/sse.js'

const TEAMS = 3
const SEATS = 16
const ROUNDS = 4

let server: BuiltServer
let api: Api

beforeAll(async () => {
  // Only the defaults.
  server = await startBuiltServer({})
  api = new Api(server.url)
})

afterAll(() => server.stop())

/** Somebody with a page open. */
interface Seat {
  readonly person: Person
  stream: TestStream
}

/** Why: an office is one address. Limits are for floods, and no team of any size may ever meet one. */
test('three full teams behind one address play, reload and lose nothing, with every limit as it is', async () => {
  const teams = await Promise.all(Array.from({ length: TEAMS }, seated))
  const answers = (await Promise.all(teams.map(played))).flat()
  expect(answers.filter(({ status }) => status !== 200)).toEqual([])
  for (const seats of teams) {
    const [leader] = seats
    if (leader === undefined) throw new Error('a team without anybody')
    const session = await api.session(leader.person.sessionId)
    expect(session.participants.filter((one: { is_online: boolean }) => one.is_online)).toHaveLength(SEATS)
    expect([session.status, session.scrum_master_id]).toEqual(['results', leader.person.userId])
    for (const { stream } of seats) {
      await stream.untilVersion(session.state_version)
      const versions = stream.events.map(({ data }) => data.state_version)
      expect(versions).toEqual(versions.map((_, index) => (versions[0] ?? 0) + index))
      expect(stream.types).not.toContain('user_disconnected')
      stream.close()
    }
  }
}, 60_000)

async function seated(): Promise<readonly Seat[]> {
  const leader = await api.create()
  const others = await Promise.all(Array.from({ length: SEATS - 1 }, () => api.join(leader.sessionId)))
  return Promise.all([leader, ...others].map(async (person) => ({ person, stream: await opened(person) })))
}

function opened(person: Person): Promise<TestStream> {
  return new TestStream(server.url, person.sessionId, { token: person.token }).untilType('session_updated')
}

/** Rounds in which everybody votes twice, and every other one reloads the page. */
async function played(seats: readonly Seat[]): Promise<readonly Answer[]> {
  const [leader] = seats
  if (leader === undefined) return []
  const answers: Answer[] = []
  const ask = async ({ person }: Seat, name: string, body?: unknown) => {
    answers.push(await api.post(`/api/sessions/${person.sessionId}/${name}`, { by: person, body }))
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    await ask(leader, 'start')
    await Promise.all(seats.map((seat) => ask(seat, 'vote', { vote: '3' })))
    await Promise.all(
      seats.filter((_, index) => index % 2 === round % 2).map((seat) => reloaded(seat, answers)),
    )
    await Promise.all(seats.map((seat) => ask(seat, 'vote', { vote: '5' })))
    await ask(leader, 'reveal')
  }
  return answers
}

/** The page goes away, and comes back with everything it requests. */
async function reloaded(seat: Seat, answers: Answer[]): Promise<void> {
  const { person } = seat
  seat.stream.close()
  const path = `/api/sessions/${person.sessionId}`
  answers.push(
    await api.post(`${path}/reconnect`, { by: person, body: {} }),
    await api.request(path),
    await api.request(`/api/mobile/${person.sessionId}/heartbeat`, { by: person }),
    await api.request('/api/health/capacity'),
  )
  seat.stream = await opened(person)
}
