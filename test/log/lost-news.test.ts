import { randomInt } from 'node:crypto'
import type { Person } from '../support/api.js'
import { type LossyRedis, startLossyRedis } from '../support/lossy-redis.js'
import { PULSE_MS, Pulse } from '../support/pulse.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { ServersOnRedis } from '../support/servers-on-redis.js'
import { TestStream } from '../support/sse.js'

/*
 * Servers notify each other of new entries by messages that can be lost, over a connection that can break.
 * Whatever is lost, every stream gets every version once, in order, and soon.
 */

const NODES = 3
const TIMEOUT_MS = 60_000
/** Of all messages. */
const LOST_PERCENT = 5
const KILLS = 5
const TABLES = 4
/** By then everything has arrived, whatever was lost. */
const LATE_MS_MAX = 2_500
const SEED = Number(process.env['LOST_NEWS_SEED'] ?? randomInt(2 ** 31))

/** A stream that records when each version arrived. */
class TimedStream extends TestStream {
  readonly cameAt = new Map<number, number>()
  readonly #pulse: Pulse

  constructor(url: string, { sessionId, token }: Person, pulse: Pulse) {
    super(url, sessionId, { token })
    this.#pulse = pulse
  }

  get versions(): readonly number[] {
    return this.events.map(({ id }) => Number(id))
  }

  protected override received(text: string): void {
    super.received(text)
    for (const version of this.versions.slice(this.cameAt.size)) this.cameAt.set(version, this.#pulse.beats)
  }
}

/** Numbers from 0 to 1, a new one on each call; the same sequence for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describeWithRedis('servers that do not hear every message', () => {
  let redis: RedisServer
  let lossy: LossyRedis
  let servers: ServersOnRedis
  let pulse: Pulse
  const streams: TimedStream[] = []

  beforeEach(async () => {
    redis = await RedisServer.start()
    lossy = await startLossyRedis(redis.url)
    servers = new ServersOnRedis()
    for (let node = 0; node < NODES; node += 1) await servers.start(lossy.url)
    pulse = new Pulse(() => redis.ask('PING'))
  }, TIMEOUT_MS)

  afterEach(async () => {
    pulse.stop()
    for (const stream of streams.splice(0)) stream.close()
    await servers.stop()
    await lossy.close()
    await redis.stop()
  }, TIMEOUT_MS)

  /** A session, with a stream on every server. */
  async function table(): Promise<{ readonly ada: Person; readonly readers: readonly TimedStream[] }> {
    const ada = await servers.api(0).create()
    const readers = Array.from(
      { length: NODES },
      (_, node) => new TimedStream(servers.server(node).url, ada, pulse),
    )
    streams.push(...readers)
    for (const reader of readers) await reader.untilType('session_updated')
    return { ada, readers }
  }

  /** @returns how long, at most, the last reader got a version after the first, in milliseconds */
  async function lateness({ ada, readers }: Awaited<ReturnType<typeof table>>): Promise<number> {
    const { state_version: last } = await servers.api(0).session(ada.sessionId)
    let lateMs = 0
    for (const reader of readers) {
      while ((reader.versions.at(-1) ?? 0) < last) await new Promise((resolve) => setTimeout(resolve, 10))
      const [first = 0] = reader.versions
      expect(reader.versions).toEqual(Array.from({ length: last - first + 1 }, (_, index) => first + index))
      for (const [version, at] of reader.cameAt) {
        const firstAt = Math.min(...readers.map(({ cameAt }) => cameAt.get(version) ?? at))
        lateMs = Math.max(lateMs, (at - firstAt) * PULSE_MS)
      }
    }
    return lateMs
  }

  test(
    'bring every version to every stream soon, with one message in twenty lost and their subscription cut every second',
    async () => {
      process.stderr.write(`lost news: LOST_NEWS_SEED=${SEED}\n`)
      const random = seeded(SEED)
      const tables = await Promise.all(Array.from({ length: TABLES }, table))
      lossy.drop(() => random() * 100 < LOST_PERCENT)
      let killed = 0
      const killer = setInterval(() => {
        if (lossy.killSubscribers() > 0) killed += 1
      }, 1_000)
      await Promise.all(
        tables.map(async ({ ada }) => {
          for (let round = 0; killed < KILLS; round += 1) {
            await servers.api(round).command(ada, 'start')
            await servers.api(round + 1).command(ada, 'vote', { vote: '3' })
            await servers.api(round + 2).command(ada, 'reveal')
          }
        }),
      )
      clearInterval(killer)
      expect(lossy.dropped).toBeGreaterThan(0)
      const late = await Promise.all(tables.map(lateness))
      expect(Math.max(...late)).toBeLessThanOrEqual(LATE_MS_MAX)
    },
    TIMEOUT_MS,
  )

  test(
    'bring the last version of a session to every stream soon, though its message is lost',
    async () => {
      const tables = await Promise.all(Array.from({ length: 5 * TABLES }, table))
      // Messages about sessions; those that a server sends itself, to know that it hears, get through.
      lossy.drop((channel) => /^m:\{\d+\}$/.test(channel))
      const began = pulse.beats
      await Promise.all(
        tables.map(async ({ ada }, index) => {
          // At any moment between two looks.
          while (pulse.beats - began < index * 2) await new Promise((resolve) => setTimeout(resolve, 10))
          await servers.api(index).command(ada, 'start')
        }),
      )
      const late = await Promise.all(tables.map(lateness))
      expect(lossy.dropped).toBeGreaterThan(0)
      expect(Math.max(...late)).toBeLessThanOrEqual(LATE_MS_MAX)
      // Most had to be looked for, or the test would say nothing.
      expect(Math.max(...late)).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )
})
