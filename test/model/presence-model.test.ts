import fc from 'fast-check'
import type { NodeId, UserId } from '../../machines/ids.js'
import type { SessionHost } from '../../src/runtime/session-host.js'
import { Api, type Person } from '../support/api.js'
import { fragileIn } from '../support/fragile-chart.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'
import {
  DEBOUNCE_MS,
  GRACE_MS,
  GRACE_WARNING_MS,
  LEASE_MS,
  NODE_LOST_MS,
  type Observation,
  PRESENCE_MS,
  Reference,
  SEATS,
} from './reference.js'

const START = Date.parse('2026-01-31T09:30:00.000Z')

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
  'heartbeat',
  'heartbeat',
  'open elsewhere',
  'close elsewhere',
  'lose elsewhere',
  'fail',
  'close and fail',
] as const
const PLAYS = ['start', 'vote', 'reveal', 'pause', 'resume'] as const

type Action =
  | { readonly type: (typeof ACTIONS)[number]; readonly who: number }
  | { readonly type: 'play'; readonly command: (typeof PLAYS)[number]; readonly who: number }
  | { readonly type: 'wait'; readonly ms: number }

const HERE = 'here'
const ELSEWHERE = 'elsewhere' as NodeId
/** A session whose actor fails more than three times a minute is given up. */
const BETWEEN_FAILURES_MS = 20_001

/** Mostly one of the first few, so that whole tables drop; sometimes anybody. */
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
        NODE_LOST_MS - 1,
        NODE_LOST_MS,
        PRESENCE_MS / 3,
        PRESENCE_MS,
        LEASE_MS,
        PRESENCE_MS + PRESENCE_MS / 3 - 1,
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

  /** Reports streams as another node that has them would. */
  elsewhere(name: string, open: number): void {
    const { userId } = this.#person(name)
    const at = this.#clock.now()
    this.#host.propose({ type: 'presence.streams', at, userId: userId as UserId, node: ELSEWHERE, open })
  }

  /** Reports the other node lost, as whoever misses it would. */
  loseElsewhere(): void {
    this.#host.propose({ type: 'node.lost', at: this.#clock.now(), node: ELSEWHERE })
  }

  /** Makes an action of the chart fail once during `work`. */
  async failing(action: keyof typeof fuses, work: () => Promise<void>): Promise<void> {
    fuses[action].isLit = true
    await work()
    if (fuses[action].isLit) throw new Error('nothing failed')
  }

  async heartbeat(name: string): Promise<void> {
    await this.#api.request(`/api/mobile/${this.#sessionId}/heartbeat`, { by: this.#person(name) })
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

  /** Streams that are ended meanwhile have closed by the time this resolves. */
  async advance(ms: number): Promise<void> {
    this.#clock.increment(ms)
    for (const [name, streams] of this.#streams) {
      const isAway = this.#host.snapshot.context.participants.some(
        ({ id, isOnline }) => id === this.#person(name).userId && !isOnline,
      )
      if (!isAway) continue
      for (const stream of streams) await stream.untilClosed()
      this.#streams.delete(name)
    }
    await this.#untilStreams([...this.#streams.values()].flat().length)
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
    this.#host.propose({ type: 'session.terminate', at: this.#clock.now(), reason: 'deserted' })
  }

  get #host(): SessionHost {
    const [host] = this.#server.services.supervisor.sessions()
    if (host === undefined) throw new Error('the session is gone')
    return host
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

/** Both sides of a history: what should be, and what is. */
interface Sides {
  readonly model: Reference
  readonly real: Real
  readonly nextName: () => string
}

async function wait({ model, real }: Sides, ms: number): Promise<void> {
  model.advance(ms)
  await real.advance(ms)
  // Whoever is away no longer has a stream here: an expired lease ends them.
  for (const { id, isOnline } of model.members) if (!isOnline) model.level(id, HERE, 0)
}

async function open({ model, real }: Sides, id: string): Promise<void> {
  model.level(id, HERE, model.streams(id, HERE) + 1)
  await real.open(id)
}

async function close({ model, real }: Sides, id: string): Promise<void> {
  model.level(id, HERE, model.streams(id, HERE) - 1)
  await real.close(id)
}

/** Does one action on both sides; skips what makes no sense at the moment. */
async function act(action: Action, sides: Sides): Promise<void> {
  if (action.type === 'wait') return wait(sides, action.ms)
  const { model, real } = sides
  const { id } = model.members[action.who % model.members.length] ?? model.member(model.leader)
  const streams = () => model.streams(id, HERE)
  switch (action.type) {
    case 'join': {
      if (model.members.length === SEATS) return
      const name = sides.nextName()
      model.join(name)
      return real.join(name)
    }
    case 'leave':
      if (model.members.length === 1) return
      model.leave(id)
      return real.leave(id)
    case 'kick': {
      const { leader } = model
      if (id === leader) return
      model.kick(id)
      // Coming back in order to kick may itself make another lead.
      return model.leader === leader ? real.kick(leader, id) : real.command(leader, `kick/${id}`)
    }
    case 'open':
      return open(sides, id)
    case 'drop':
      if (streams() === 0) await open(sides, id)
      while (streams() > 0) await close(sides, id)
      return
    case 'close':
    case 'refresh':
      if (streams() === 0) return
      await close(sides, id)
      return action.type === 'close' ? undefined : open(sides, id)
    case 'open elsewhere':
    case 'close elsewhere': {
      const level = model.streams(id, ELSEWHERE) + (action.type === 'open elsewhere' ? 1 : -1)
      if (level < 0) return
      model.level(id, ELSEWHERE, level)
      return real.elsewhere(id, level)
    }
    case 'lose elsewhere':
      model.lose(ELSEWHERE)
      return real.loseElsewhere()
    case 'reconnect':
      model.reconnect(id)
      return real.command(id, 'reconnect')
    case 'heartbeat':
      model.heartbeat(id)
      return real.heartbeat(id)
    case 'fail':
      await wait(sides, BETWEEN_FAILURES_MS)
      model.sign(id)
      return real.failing('extend', () => real.command(id, 'extend'))
    case 'close and fail':
      if (streams() === 0) return
      await wait(sides, BETWEEN_FAILURES_MS)
      return streams() === 0 ? undefined : real.failing('reportStreams', () => close(sides, id))
    case 'play':
      model.play(action.command, id)
      return real.command(id, action.command)
    default:
      return action satisfies never
  }
}

/** Histories that visit every place, whatever chance brings. */
const EVERYWHERE: Action[] = [
  { type: 'play', command: 'pause', who: 0 },
  { type: 'play', command: 'resume', who: 0 },
  { type: 'join', who: 0 },
  { type: 'drop', who: 0 },
  { type: 'drop', who: 1 },
  { type: 'wait', ms: DEBOUNCE_MS },
  { type: 'wait', ms: GRACE_MS },
  { type: 'join', who: 0 },
  { type: 'play', command: 'start', who: 2 },
  { type: 'play', command: 'resume', who: 1 },
]
const HALF_OPEN: Action[] = [
  { type: 'join', who: 0 },
  { type: 'open', who: 1 },
  { type: 'open elsewhere', who: 1 },
  { type: 'heartbeat', who: 1 },
  { type: 'wait', ms: LEASE_MS },
  { type: 'close elsewhere', who: 1 },
  { type: 'heartbeat', who: 1 },
  { type: 'open', who: 1 },
  { type: 'fail', who: 1 },
  { type: 'close and fail', who: 1 },
  { type: 'wait', ms: DEBOUNCE_MS },
]

/** Two people whose only streams were on a lost node; one of them comes back in time. */
const NODE_LOST: Action[] = [
  { type: 'join', who: 0 },
  { type: 'open elsewhere', who: 0 },
  { type: 'open elsewhere', who: 1 },
  { type: 'lose elsewhere', who: 0 },
  { type: 'wait', ms: NODE_LOST_MS - 1 },
  { type: 'open', who: 1 },
  { type: 'wait', ms: 1 },
]

const fuses = { extend: { isLit: false }, reportStreams: { isLit: false } }

let clock: SimulatedClock
let server: InProcess

beforeAll(async () => {
  clock = new SimulatedClock(START)
  server = await startInProcess({
    clock,
    machine: fragileIn(fuses),
    environment: {
      RATE_LIMITING: 'false',
      LOG_REQUESTS: 'false',
      SESSION_TIMEOUT_MINUTES: '10080',
      SESSION_LIFE_HOURS: '0',
      MAX_STREAMS_PER_PARTICIPANT: '1000',
      HEARTBEAT_SECONDS: '3600',
    },
  })
})

afterAll(() => server.stop())

test('16 people join, drop, return, refresh, beat, vote, leave and are kicked, on two nodes, and actors fail: the server is as the model says', async () => {
  process.stderr.write(`presence model: SEED=${SEED}\n`)
  const visited = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(anyAction, { minLength: 1, maxLength: 60, size: 'max' }), async (actions) => {
      const real = new Real(server, clock)
      const model = new Reference('p0')
      await real.create('p0')
      let names = 0
      const sides = { model, real, nextName: () => `p${++names}` }
      try {
        for (const action of actions) {
          await act(action, sides)
          expect(await real.observe()).toEqual(model.observe())
          for (const place of model.whereabouts()) visited.add(place)
        }
      } finally {
        await real.end()
      }
    }),
    { numRuns: 150, seed: SEED, examples: [[EVERYWHERE], [HALF_OPEN], [NODE_LOST]] },
  )
  expect([...visited].sort()).toEqual([
    'abandoned',
    'grace_period',
    'half open',
    'leased',
    'led',
    'newcomer waits',
    'partition',
    'paused',
  ])
}, 300_000)
