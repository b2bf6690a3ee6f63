import fc from 'fast-check'
import { Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'
import { DEBOUNCE_MS, GRACE_MS, GRACE_WARNING_MS, type Observation, Reference, SEATS } from './reference.js'

const START = Date.parse('2026-01-31T09:30:00.000Z')
const MINUTE_MS = 60_000

/** Replay a failure with the seed that it printed: `SEED=… npx jest test/model/presence-model`. */
const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

const ACTIONS = [
  'join',
  'leave',
  'kick',
  'open',
  'close',
  'drop',
  'drop',
  'drop',
  'refresh',
  'reconnect',
] as const
const PLAYS = ['start', 'vote', 'reveal', 'pause', 'resume'] as const

type Action =
  | { readonly type: (typeof ACTIONS)[number]; readonly who: number }
  | { readonly type: 'play'; readonly command: (typeof PLAYS)[number]; readonly who: number }
  | { readonly type: 'wait'; readonly ms: number }

/** Mostly the first few, so that whole tables drop; sometimes anybody. */
const who = fc.oneof({ weight: 4, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(SEATS - 1) })

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ type: fc.constantFrom(...ACTIONS), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('play' as const),
      command: fc.constantFrom(...PLAYS),
      who,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      ms: fc.constantFrom(
        1,
        DEBOUNCE_MS - 1,
        DEBOUNCE_MS,
        4_999,
        MINUTE_MS,
        GRACE_MS - GRACE_WARNING_MS,
        GRACE_MS,
      ),
    }),
  },
)

/** The real server, on sockets, with time in the test's hands; people are known by their names. */
class Real {
  readonly #server: InProcess
  readonly #clock: SimulatedClock
  readonly #api: Api
  readonly #people = new Map<string, Person>()
  readonly #streams = new Map<string, TestStream[]>()
  #sessionId = ''

  constructor(server: InProcess, clock: SimulatedClock) {
    this.#server = server
    this.#clock = clock
    this.#api = new Api(server.url)
  }

  async create(name: string): Promise<void> {
    const person = await this.#api.create('Model', name)
    this.#sessionId = person.sessionId
    this.#people.set(name, person)
  }

  async join(name: string): Promise<void> {
    this.#people.set(name, await this.#api.join(this.#sessionId, name))
  }

  async leave(name: string): Promise<void> {
    await this.#api.command(this.#person(name), 'leave')
    await this.#forget(name)
  }

  async kick(by: string, name: string): Promise<void> {
    await this.#api.command(this.#person(by), `kick/${this.#person(name).userId}`)
    await this.#forget(name)
  }

  async open(name: string): Promise<void> {
    const stream = new TestStream(this.#server.url, this.#sessionId, { token: this.#person(name).token })
    this.#streams.set(name, [...(this.#streams.get(name) ?? []), stream])
    await stream.untilType('session_updated')
  }

  async close(name: string): Promise<void> {
    const stream = this.#streams.get(name)?.pop()
    const open = this.#server.services.streams.count
    stream?.close()
    await this.#untilStreams(open - 1)
  }

  async command(name: string, command: string): Promise<void> {
    const path = `/api/sessions/${this.#sessionId}/${command}`
    const body = command === 'vote' ? { vote: '5' } : undefined
    await this.#api.post(path, { by: this.#person(name), body })
  }

  advance(ms: number): void {
    this.#clock.increment(ms)
  }

  async observe(): Promise<Observation> {
    const session = await this.#api.session(this.#sessionId)
    const names = new Map([...this.#people].map(([name, { userId }]) => [userId, name]))
    return {
      status: session.status,
      leader: names.get(session.scrum_master_id) ?? session.scrum_master_id,
      online: session.participants.map((user: { name: string; is_online: boolean }) => [
        user.name,
        user.is_online,
      ]),
      version: session.state_version,
    }
  }

  async end(): Promise<void> {
    for (const streams of this.#streams.values()) for (const stream of streams) stream.close()
    await this.#untilStreams(0)
    const [session] = this.#server.services.supervisor.sessions()
    session?.execute({ type: 'session.terminate', at: this.#clock.now(), reason: 'deserted' })
  }

  async #forget(name: string): Promise<void> {
    for (const stream of this.#streams.get(name) ?? []) await stream.untilClosed()
    this.#streams.delete(name)
  }

  async #untilStreams(count: number): Promise<void> {
    while (this.#server.services.streams.count > count) await new Promise((resolve) => setImmediate(resolve))
  }

  #person(name: string): Person {
    const person = this.#people.get(name)
    if (person === undefined) throw new Error(`${name} never joined`)
    return person
  }
}

/** Does one action to both; what makes no sense now is left out. */
async function act(action: Action, model: Reference, real: Real, nextName: () => string): Promise<void> {
  if (action.type === 'wait') {
    model.advance(action.ms)
    real.advance(action.ms)
    return
  }
  const { id, streams } = model.members[action.who % model.members.length] ?? model.member(model.leader)
  switch (action.type) {
    case 'join': {
      if (model.members.length === SEATS) return
      const name = nextName()
      model.join(name)
      return real.join(name)
    }
    case 'leave':
      if (model.members.length === 1) return
      model.remove(id)
      return real.leave(id)
    case 'kick': {
      const { leader } = model
      if (id === leader) return
      model.remove(id)
      return real.kick(leader, id)
    }
    case 'open':
      model.open(id)
      return real.open(id)
    case 'drop':
      if (streams === 0) {
        model.open(id)
        await real.open(id)
      }
      while (model.member(id).streams > 0) {
        model.close(id)
        await real.close(id)
      }
      return
    case 'close':
    case 'refresh':
      if (streams === 0) return
      model.close(id)
      await real.close(id)
      if (action.type === 'close') return
      model.open(id)
      return real.open(id)
    case 'reconnect':
      model.reconnect(id)
      return real.command(id, 'reconnect')
    case 'play':
      model.play(action.command, id)
      return real.command(id, action.command)
    default:
      return action satisfies never
  }
}

/** A history that has been everywhere, so that the places are visited whatever chance brings. */
const EVERYWHERE: Action[] = [
  { type: 'play', command: 'pause', who: 0 },
  { type: 'play', command: 'resume', who: 0 },
  { type: 'join', who: 0 },
  { type: 'drop', who: 0 },
  { type: 'drop', who: 1 },
  { type: 'wait', ms: DEBOUNCE_MS },
  { type: 'wait', ms: GRACE_MS },
]

let clock: SimulatedClock
let server: InProcess

beforeAll(async () => {
  clock = new SimulatedClock(START)
  server = await startInProcess({
    clock,
    environment: {
      RATE_LIMITING: 'false',
      LOG_REQUESTS: 'false',
      SESSION_TIMEOUT_MINUTES: '10080',
      MAX_STREAMS_PER_PARTICIPANT: '1000',
      HEARTBEAT_SECONDS: '3600',
      CLEANUP_INTERVAL_SECONDS: '86400',
    },
  })
})

afterAll(() => server.stop())

test('16 people join, drop, return, refresh, vote, leave and are kicked: the server is as the model says', async () => {
  process.stderr.write(`presence model: SEED=${SEED}\n`)
  const visited = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(anyAction, { minLength: 1, maxLength: 60, size: 'max' }), async (actions) => {
      const real = new Real(server, clock)
      const model = new Reference('p0')
      await real.create('p0')
      let names = 0
      try {
        for (const action of actions) {
          await act(action, model, real, () => `p${++names}`)
          expect(await real.observe()).toEqual(model.observe())
          for (const place of model.whereabouts()) visited.add(place)
        }
      } finally {
        await real.end()
      }
    }),
    { numRuns: 120, seed: SEED, examples: [[EVERYWHERE]] },
  )
  expect([...visited].sort()).toEqual(['abandoned', 'grace_period', 'led', 'partition', 'paused'])
}, 120_000)
