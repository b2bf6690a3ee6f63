import { EVENT_TYPES, type EventType } from '../../src/wire/events.js'
import { Api, type Person } from './api.js'
import { type FragileChart, fragile } from './fragile-chart.js'
import { type InProcess, sequentialIds, startInProcess } from './in-process.js'
import { SimulatedClock } from './simulated-clock.js'
import { type Frame, TestStream } from './sse.js'

const MINUTE_MS = 60_000
const BEGIN = Date.parse('2026-01-31T09:30:00.000Z')
const ENVIRONMENT = { RATE_LIMITING: 'false', MAX_SESSIONS: '2', REVEAL_SECONDS: '3' }

/** How long everybody waits after somebody's last stream closed, by default. */
const DEBOUNCE_MS = 2_000

/**
 * One frame of each type, from a run of the whole server over sockets with only time, ids and one fault
 * controlled: the same in every run.
 */
export async function eventExamples(): Promise<ReadonlyMap<EventType, Frame>> {
  const clock = new SimulatedClock(BEGIN)
  const chart = fragile('extend')
  const server = await startInProcess({
    clock,
    ids: sequentialIds(),
    environment: ENVIRONMENT,
    machine: chart.machine,
  })
  try {
    const frames = await new Scenario(server, clock, chart.fuse).play()
    return new Map(
      EVENT_TYPES.flatMap((type) => {
        const found = frames.find((frame) => frame.data.type === type)
        return found === undefined ? [] : [[type, found] as const]
      }),
    )
  } finally {
    await server.stop()
  }
}

/** A team's morning, in which everything happens that can. */
class Scenario {
  readonly #server: InProcess
  readonly #clock: SimulatedClock
  readonly #fuse: FragileChart['fuse']
  readonly #api: Api

  constructor(server: InProcess, clock: SimulatedClock, fuse: FragileChart['fuse']) {
    this.#server = server
    this.#clock = clock
    this.#fuse = fuse
    this.#api = new Api(server.url)
  }

  /** @returns everything a watcher saw, from first to last */
  async play(): Promise<Frame[]> {
    const api = this.#api
    const ada = await api.create('Sprint 42', 'Ada')
    const watcher = await this.#open(ada.sessionId)
    const bob = await api.join(ada.sessionId, 'Bob')
    await this.#playRound(ada, bob, watcher)
    await this.#interrupt(ada, bob, watcher)
    await this.#loseEverybody(ada, bob, watcher)
    await this.#trouble(ada, watcher)
    await this.#expire(watcher)
    return watcher.frames
  }

  async #playRound(ada: Person, bob: Person, watcher: TestStream): Promise<void> {
    const api = this.#api
    const path = `/api/sessions/${ada.sessionId}`
    const settings = { round_seconds: 60, vote_after_reveal: true }
    await api.request(`${path}/settings`, { method: 'PATCH', by: ada, body: settings })
    const story = { title: 'SHOP-12 Log in with a passkey', link: 'https://tracker.example/SHOP-12' }
    const { stories } = (await api.post(`${path}/stories`, { by: ada, body: story })).body
    await api.command(ada, 'start', { story_id: stories[0].id })
    await api.command(ada, `nudge/${bob.userId}`)
    this.#clock.increment(20_000)
    await api.command(ada, 'vote', { vote: '5' })
    for (const vote of ['13', null, '8']) await api.command(bob, 'vote', { vote })
    await api.command(ada, 'round/extend', { seconds: 10 })
    this.#clock.increment(50_000)
    await api.command(ada, 'reveal')
    this.#clock.increment(3_000)
    await watcher.untilType('round_completed')
    await api.command(bob, 'vote', { vote: '5' })
    await api.command(ada, 'accept', { estimate: '5' })
    for (const role of ['observer', 'voter']) await api.command(bob, 'role', { role })
  }

  async #interrupt(ada: Person, bob: Person, watcher: TestStream): Promise<void> {
    await this.#api.command(ada, 'pause')
    await this.#api.command(ada, 'resume')
    await this.#api.post(`/api/mobile/${ada.sessionId}/optimize?battery_level=25`, {
      by: bob,
      headers: { 'X-Network-Type': '4g' },
    })
    await this.#api.command(ada, `transfer?new_master_id=${bob.userId}`)
    const cyd = await this.#api.join(ada.sessionId, 'Cyd')
    await this.#api.command(cyd, 'leave')
    await watcher.untilType('user_left')
  }

  /** The network cuts both off; the Scrum Master comes back just before the time for it is over. */
  async #loseEverybody(ada: Person, bob: Person, watcher: TestStream): Promise<void> {
    const streams = [await this.#open(bob.sessionId, bob), await this.#open(ada.sessionId, ada)]
    for (const stream of streams) {
      const { count } = this.#server.services.streams
      stream.close()
      await this.#until(() => this.#server.services.streams.count < count)
    }
    this.#clock.increment(DEBOUNCE_MS)
    await watcher.untilType('network_partition_detected')
    this.#clock.increment(3 * MINUTE_MS)
    await watcher.untilType('grace_period_warning')
    await this.#api.command(bob, 'reconnect')
    await watcher.untilType('grace_period_ended')
    await this.#api.command(ada, 'reconnect')
  }

  /** A second session takes the last place; then the actor of the first fails. */
  async #trouble(ada: Person, watcher: TestStream): Promise<void> {
    await this.#api.create('Retrospective', 'Dee')
    await watcher.untilType('session_capacity_warning')
    this.#fuse.isLit = true
    await this.#api.post(`/api/sessions/${ada.sessionId}/extend`, { by: ada })
    await watcher.untilType('state_sync_required')
  }

  async #expire(watcher: TestStream): Promise<void> {
    this.#clock.increment(8 * MINUTE_MS)
    await watcher.untilType('session_expiring')
    this.#clock.increment(2 * MINUTE_MS)
    await watcher.untilClosed()
  }

  async #open(sessionId: string, by?: Person): Promise<TestStream> {
    const stream = new TestStream(this.#server.url, sessionId, by === undefined ? {} : { token: by.token })
    return stream.untilType('session_updated')
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
  }
}
