import type { SessionId } from '../../machines/ids.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { keysOf } from '../../src/log/redis/keys.js'
import { createLogger } from '../../src/platform/logger.js'
import type { Histogram } from '../../src/runtime/histogram.js'
import { LogFigures } from '../../src/runtime/log-figures.js'
import { waitUntil } from '../support/log-lines.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { extend, join, type Table, tableFrom, tableOn } from './contract.js'

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })
const TIMEOUT_MS = 60_000

const countOf = (histogram: Histogram) => histogram.cumulative().at(-1)

describe('the figures of a command log', () => {
  function timed(isCollecting: boolean) {
    let now = 1_000
    const figures = new LogFigures({ now: () => now, date: () => 0, isCollecting })
    return { figures, pass: (ms: number) => (now += ms) }
  }

  test('a command is timed from its proposal until its proposer is told', () => {
    const { figures, pass } = timed(true)
    const told: string[] = []
    const settled = figures.timed((outcome: string) => told.push(outcome))
    pass(40)
    settled('done')
    expect(told).toEqual(['done'])
    expect([countOf(figures.appends), figures.appends.max]).toEqual([1, 0.04])
  })

  test('an entry of another server is as late as it is old, and never early', () => {
    const { figures } = timed(true)
    figures.applied('other', 3_000)
    figures.applied('other', -1)
    figures.applied('own', 3_000)
    figures.applied('loaded', 90_000)
    expect(figures.entries).toEqual({ own: 1, other: 2, loaded: 1 })
    expect([countOf(figures.lag), figures.lag.min, figures.lag.max]).toEqual([2, 0, 3])
  })

  test('the silence of a log is measured from its last answer', () => {
    const { figures, pass } = timed(true)
    expect(figures.silentSeconds).toBeNull()
    figures.answered()
    pass(2_500)
    expect(figures.silentSeconds).toBe(2.5)
  })

  test('nothing is measured if nobody can read it', () => {
    const { figures } = timed(false)
    figures.timed(() => {})('done')
    figures.applied('other', 1)
    expect([countOf(figures.appends), countOf(figures.lag)]).toEqual([0, 0])
  })
})

describeWithRedis('of a log on Redis', () => {
  let redis: RedisServer
  let figures: LogFigures
  let log: RedisLog
  let table: Table
  const others: RedisLog[] = []

  beforeEach(async () => {
    redis = await RedisServer.start()
    figures = new LogFigures()
    log = await RedisLog.open({ url: redis.url, logger, figures })
    table = await tableOn(log, 'one')
  }, TIMEOUT_MS)

  afterEach(async () => {
    await Promise.all([log, ...others.splice(0)].map((open) => open.close()))
    await redis.stop()
  }, TIMEOUT_MS)

  /** The same session on another server. */
  async function elsewhere(): Promise<{ readonly there: LogFigures; readonly again: Table }> {
    const there = new LogFigures()
    const other = await RedisLog.open({ url: redis.url, logger, figures: there })
    others.push(other)
    const again = await tableFrom(other, 'one')
    if (again === null) throw new Error('the session is gone')
    return { there, again }
  }

  const { log: key, snap } = keysOf('one' as SessionId)
  async function entries(): Promise<readonly [string, string[]][]> {
    const reply = await redis.ask('XRANGE', key, '-', '+')
    return Array.isArray(reply) ? reply : []
  }

  test(
    'commands that are written to the log are timed, once each',
    async () => {
      for (let index = 0; index < 20; index += 1) table.propose(extend)
      await table.untilSettled()
      expect(countOf(figures.appends)).toBe(20)
      // A command refused while nothing is on its way is not written.
      await new Promise((resolve) => setImmediate(resolve))
      const reveal = { type: 'round.reveal', at: 0, by: table.replica.birth.input.creator.id } as const
      await table.afterCatchingUp(() => table.propose(reveal))
      expect((await table.untilSettled()).at(-1)?.type).toBe('refused')
      expect(countOf(figures.appends)).toBe(20)
      expect(figures.entries).toEqual({ own: 20, other: 0, loaded: 0 })
    },
    TIMEOUT_MS,
  )

  test(
    'an entry is counted by who wrote it, and by whether it was read when its session was loaded',
    async () => {
      for (let index = 0; index < 5; index += 1) table.propose(extend)
      await table.untilSettled()
      const { there, again } = await elsewhere()
      expect([there.entries, there.loads.done]).toEqual([{ own: 0, other: 0, loaded: 5 }, 1])
      for (let index = 0; index < 7; index += 1) table.propose(extend)
      await waitUntil(() => there.entries.other === 7)
      again.propose(join('bob'))
      await again.untilSettled()
      await waitUntil(() => figures.entries.other === 1)
      expect(there.entries).toEqual({ own: 1, other: 7, loaded: 5 })
      expect(figures.entries).toEqual({ own: 12, other: 1, loaded: 0 })
      expect([countOf(there.lag), countOf(figures.lag)]).toEqual([7, 1])
    },
    TIMEOUT_MS,
  )

  test(
    'a log that is suspended is silent until it answers again',
    async () => {
      expect(figures.silentSeconds).not.toBeNull()
      await redis.signal('SIGSTOP')
      await waitUntil(() => !log.isAvailable)
      expect(figures.silentSeconds).toBeGreaterThanOrEqual(2)
      const before = figures.silentSeconds ?? 0
      await redis.signal('SIGCONT')
      await waitUntil(() => (figures.silentSeconds ?? before) < before)
    },
    TIMEOUT_MS,
  )

  test(
    'a session that Redis had lost is counted when it is rewritten',
    async () => {
      table.propose(join('bob'))
      await table.untilSettled()
      await redis.ask('FLUSHALL')
      table.propose(extend)
      await table.untilSettled()
      expect([figures.rebuilds, figures.reloads.forked]).toEqual([1, 0])
    },
    TIMEOUT_MS,
  )

  test(
    'a log that moved on without what is here is counted as forked',
    async () => {
      const [first] = await entries()
      table.propose(join('bob'))
      await table.untilSettled()
      const [id = '', fields = []] = first ?? []
      const [own = ''] = (await entries()).at(-1) ?? []
      const [ms, seq] = own.split('-').map(Number)
      await redis.inOneGo([
        ['DEL', key],
        ['XADD', key, id, ...fields],
        ['XADD', key, `${(ms ?? 0) + 1}-${seq}`, 'n', 'other.1', 'c', '{"v":1,"command":{}}'],
      ])
      table.propose(extend)
      await table.untilSettled()
      expect(figures.reloads).toEqual({ diverged: 0, ended: 0, forked: 1, gap: 0, other_release: 0 })
    },
    TIMEOUT_MS,
  )

  test(
    'a state that differs on another server is counted as diverged',
    async () => {
      // The snapshot of the 64th entry is written at the 128th.
      for (let index = 1; index < 64; index += 1) table.propose(extend)
      await table.untilSettled()
      const { length } = await entries()
      const [id = ''] = (await entries()).at(-1) ?? []
      expect([length, id.split('-')[1]]).toEqual([64, '64'])
      await redis.ask('SET', snap, `${id} 1.2:0000000000000000 {}`)
      for (let index = 0; index < 64; index += 1) table.propose(extend)
      await table.untilSettled()
      await waitUntil(() => figures.reloads.diverged === 1)
      expect(figures.reloads.forked).toBe(0)
    },
    TIMEOUT_MS,
  )

  test(
    'a session that cannot be read is counted',
    async () => {
      await redis.ask('SET', snap, '1-1 1.2:0000000000000000 {}')
      await expect(elsewhere()).rejects.toThrow()
      const there = new LogFigures()
      const other = await RedisLog.open({ url: redis.url, logger, figures: there })
      others.push(other)
      await expect(tableFrom(other, 'one')).rejects.toThrow()
      expect(there.loads).toEqual({ done: 0, unreadable: 1 })
    },
    TIMEOUT_MS,
  )
})
