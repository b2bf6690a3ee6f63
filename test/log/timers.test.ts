import { Writable } from 'node:stream'
import type { NodeId, SessionId, UserId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import { participantOf } from '../../machines/session/context.js'
import { type SessionSnapshot, statusOf } from '../../machines/session/machine.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { keysOf } from '../../src/log/redis/keys.js'
import { createLogger } from '../../src/platform/logger.js'
import type { Outcome } from '../../src/runtime/outcome.js'
import { ADA, BOB, SETTINGS } from '../support/chart.js'
import { fakeTime } from '../support/fake-time.js'
import { testWith } from '../support/programs.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { ServersOnRedis } from '../support/servers-on-redis.js'
import { join, type Table, tableFrom, tableOn } from './contract.js'

/* What falls due in sessions that several servers hold, or none for a while. */

const TIMEOUT_MS = 60_000

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** An entry, and when it got its place. */
interface Timed {
  readonly at: number
  readonly command: SessionCommand
}

async function entriesOf(redis: RedisServer, id: string): Promise<readonly Timed[]> {
  const entries: [string, string[]][] = JSON.parse(await redis.textOf(keysOf(id as SessionId).log))
  return entries.map(([place, fields]) => ({
    at: Number(place.split('-')[0]),
    command: JSON.parse(fields.at(-1) ?? '').command,
  }))
}

describeWithRedis('what falls due', () => {
  let redis: RedisServer
  let servers: ServersOnRedis

  beforeEach(async () => {
    redis = await RedisServer.start()
    servers = new ServersOnRedis()
  }, TIMEOUT_MS)

  afterEach(async () => {
    await servers.stop()
    await redis.stop()
  }, TIMEOUT_MS)

  async function start(count: number, environment: Record<string, string>): Promise<void> {
    for (let node = 0; node < count; node += 1) await servers.start(redis.url, environment)
  }

  test.each([1, 2, 3])(
    'where %d of them hold the session is proposed once, and within a tenth of a second',
    async (count) => {
      const rounds = 10
      const revealMs = 100
      await start(count, { REVEAL_SECONDS: String(revealMs / 1_000) })
      const ada = await servers.api(0).create()
      const stream = await servers.open(0, ada)
      for (let round = 1; round <= rounds; round += 1) {
        await servers.api(round).command(ada, 'start')
        await servers.api(round + 1).command(ada, 'reveal')
        const completed = () => stream.types.filter((type) => type === 'round_completed').length
        await stream.until(() => completed() === round)
      }
      await servers.hosts(ada.sessionId)
      const lateMs: number[] = []
      let dueAt: number | null = null
      for (const { at, command } of await entriesOf(redis, ada.sessionId)) {
        if (command?.type === 'round.reveal') dueAt = at + revealMs
        if (command?.type !== 'tick' || dueAt === null || at < dueAt) continue
        lateMs.push(at - dueAt)
        dueAt = null
      }
      expect(lateMs).toHaveLength(rounds)
      // This machine may be busy, but not all the time.
      expect(Math.min(...lateMs)).toBeLessThanOrEqual(100)
      expect(stream.types.filter((type) => type === 'round_completed')).toHaveLength(rounds)
    },
    TIMEOUT_MS,
  )

  test(
    'while none of them runs happens when others have started, even if nobody watches',
    async () => {
      await start(2, { SESSION_TIMEOUT_MINUTES: '0.05' })
      const idle = await servers.api(1).create()
      await servers.stop()
      await start(2, {
        REVEAL_SECONDS: '5',
        GRACE_PERIOD_MINUTES: '0.1',
        DISCONNECT_DEBOUNCE_SECONDS: '0',
        PRESENCE_SECONDS: '600',
      })
      const led = await servers.api(0).create()
      const bob = await servers.api(0).join(led.sessionId)
      const stream = await servers.open(1, led)
      stream.close()
      while ((await servers.api(0).session(led.sessionId)).status !== 'grace_period') await later(5)
      const revealing = await servers.api(0).create()
      await servers.api(0).command(revealing, 'start')
      await servers.api(1).command(revealing, 'reveal')
      const seen = await Promise.all(
        [led, revealing].map(({ sessionId }) => servers.api(0).session(sessionId)),
      )
      expect(seen.map(({ status }) => status)).toEqual(['grace_period', 'revealing'])
      await servers.stop()
      await start(2, {})
      const read = async (id: string) => servers.api(1).session(id)
      while ((await read(revealing.sessionId)).status === 'revealing') await later(20)
      while ((await read(led.sessionId)).status === 'grace_period') await later(20)
      while ((await read(idle.sessionId)).error_code === undefined) await later(20)
      expect((await read(led.sessionId)).scrum_master_id).toBe(bob.userId)
      expect((await read(idle.sessionId)).context.expired).toBe(true)
      for (const [index, type] of ['scrum_master_changed', 'round_completed'].entries()) {
        const { sessionId, state_version: version } = {
          sessionId: [led, revealing][index]?.sessionId,
          ...seen[index],
        }
        const { events } = (
          await servers.api(0).request(`/api/sessions/${sessionId}/events?after=${version}`)
        ).body
        expect(events.filter((event: { type: string }) => event.type === type)).toHaveLength(1)
      }
    },
    TIMEOUT_MS,
  )

  test('is nothing to a server that has ended: it does not take up a session that it only then hears of', async () => {
    await start(2, {})
    const { supervisor } = servers.server(0).services
    supervisor.stop()
    const ada = await servers.api(1).create()
    const found = await new Promise((resolve) => supervisor.open(ada.sessionId as SessionId, resolve))
    expect([found, [...supervisor.sessions()].length]).toEqual([undefined, 0])
  })
})

describeWithRedis('a tick, and somebody who comes back at the same instant', () => {
  const TIMES = 200
  const AT_ONCE = 20
  const GRACE_MS = 200
  let redis: RedisServer
  let logs: RedisLog[] = []

  beforeEach(async () => {
    redis = await RedisServer.start()
    logs = await Promise.all([1, 2].map(() => RedisLog.open({ url: redis.url, logger })))
  })

  afterEach(async () => {
    await Promise.all(logs.map((log) => log.close()))
    await redis.stop()
  })

  const streams = (userId: UserId, open: number): SessionCommand => ({
    type: 'presence.streams',
    at: 0,
    userId,
    node: 'elsewhere' as NodeId,
    open,
  })
  const settled = (table: Table, command: SessionCommand) =>
    new Promise<Outcome>((resolve) => table.propose(command, resolve))
  /** Until something that is due in this many milliseconds is overdue. */
  async function untilOverdue(ms: number): Promise<void> {
    const now = () => Math.min(...logs.map((log) => log.now()))
    const from = now()
    while (now() <= from + ms + 1) await later(1)
  }

  /** A session on both processes, in which somebody's last stream has closed and the debounce is over. */
  async function tables(id: string, userId: UserId): Promise<readonly [Table, Table]> {
    const [here, there] = logs
    if (here === undefined || there === undefined) throw new Error('there are no processes')
    const longMs = 600_000_000
    const settings = {
      ...SETTINGS,
      graceMs: GRACE_MS,
      graceWarningMs: GRACE_MS,
      presenceMs: longMs,
      idleMs: longMs,
    }
    const mine = await tableOn(here, id, { settings })
    for (const command of [join(BOB), streams(ADA, 1), streams(BOB, 1), streams(userId, 0)])
      mine.propose(command)
    await mine.untilSettled()
    await untilOverdue(0)
    const theirs = await tableFrom(there, id)
    if (theirs === null) throw new Error('the session is not there')
    return [mine, theirs]
  }

  /**
   * One says that somebody is back, the other that it is time.
   * @returns the state in which the return was carried out
   */
  async function race(
    count: number,
    both: readonly [Table, Table],
    userId: UserId,
  ): Promise<SessionSnapshot> {
    const [first, second] = count % 2 === 0 ? both : both.toReversed()
    if (first === undefined || second === undefined) throw new Error('there are no processes')
    const [back] = await Promise.all([
      settled(first, streams(userId, 1)),
      settled(second, { type: 'tick', at: 0 }),
    ])
    if (back.type !== 'done') throw new Error(back.type)
    await Promise.all(both.map((table) => table.afterCatchingUp(() => {})))
    const [mine, theirs] = both.map(({ replica }) => replica.after().checksum())
    expect(theirs).toBe(mine)
    for (const { id } of both) for (const log of logs) log.letGo(id)
    return back.before
  }

  const hasMade = ([{ replica }]: readonly [Table, Table], type: string, after: number) =>
    replica.log.since(after)?.some(({ frame }) => frame.includes(`"type":"${type}"`)) === true

  /** @param play - plays one race; `null`: it was none */
  async function bothWays(play: (count: number) => Promise<boolean | null>): Promise<void> {
    const backFirst: boolean[] = []
    for (let count = 0; count < TIMES; count += AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, (_, index) => play(count + index))
      backFirst.push(...(await Promise.all(some)).filter((isBackFirst) => isBackFirst !== null))
    }
    expect([backFirst.includes(true), backFirst.includes(false)]).toEqual([true, true])
  }

  test(
    'whoever is back before it was never away',
    () =>
      bothWays(async (count) => {
        const both = await tables(`table ${count}`, BOB)
        const { last } = both[0].replica.log
        const met = await race(count, both, BOB)
        const isBackFirst = participantOf(met.context, BOB)?.isOnline === true
        expect(hasMade(both, 'user_disconnected', last)).toBe(!isBackFirst)
        expect(participantOf(both[0].replica.snapshot.context, BOB)?.isOnline).toBe(true)
        return isBackFirst
      }),
    TIMEOUT_MS,
  )

  test(
    'a Scrum Master who is back before it keeps the lead, although the wait is over',
    () =>
      bothWays(async (count) => {
        const both = await tables(`table ${count}`, ADA)
        const [{ replica }] = both
        await settled(both[0], { type: 'tick', at: 0 })
        // This machine may have been so slow that the wait is over too.
        if (statusOf(replica.snapshot) !== 'grace_period') return null
        await untilOverdue(GRACE_MS)
        const { last } = replica.log
        const isBackFirst = statusOf(await race(count, both, ADA)) === 'grace_period'
        expect(hasMade(both, 'scrum_master_changed', last)).toBe(!isBackFirst)
        expect(replica.snapshot.context.scrumMasterId).toBe(isBackFirst ? ADA : BOB)
        return isBackFirst
      }),
    TIMEOUT_MS,
  )
})

describeWithRedis('a Redis whose clock is set ahead by an hour', () => {
  testWith('faketime')(
    'ends nothing early',
    async () => {
      const idleMs = 6_000
      const time = fakeTime()
      // Redis' own allocator asks for the time before the fake clock is there; the C library's does not.
      const preload = `${time.environment['LD_PRELOAD']}:libc.so.6`
      const redis = await RedisServer.start([], { ...time.environment, LD_PRELOAD: preload })
      const servers = new ServersOnRedis()
      const environment = {
        REVEAL_SECONDS: '1',
        SESSION_TIMEOUT_MINUTES: String(idleMs / 60_000),
        SESSION_WARNING_MINUTES: '10',
      }
      for (let node = 0; node < 2; node += 1) await servers.start(redis.url, environment)
      let lines = ''
      const destination = new Writable({
        write(chunk, _encoding, done) {
          lines += chunk
          done()
        },
      })
      const telling = createLogger({ LOG_LEVEL: 'warn', DEBUG: false }, { now: () => 0 }, destination)
      const log = await RedisLog.open({ url: redis.url, logger: telling })
      const ada = await servers.api(0).create()
      const stream = await servers.open(1, ada)
      await servers.api(0).command(ada, 'start')
      await servers.api(1).command(ada, 'reveal')
      const actedAt = performance.now()
      const before = Number([await redis.ask('TIME')].flat()[0])
      time.set(3_600)
      const after = Number([await redis.ask('TIME')].flat()[0])
      expect(after - before).toBeGreaterThan(3_000)
      // What is due gets its tick, which the log places an hour later.
      await stream.untilType('round_completed')
      while (!stream.types.includes('session_expired')) await later(20)
      expect(performance.now() - actedAt).toBeGreaterThan(idleMs * 0.98 - 50)
      expect(stream.types.filter((type) => type === 'round_completed')).toHaveLength(1)
      while (!lines.includes('clock of the command log was set')) await later(20)
      await log.close()
      await servers.stop()
      await redis.stop()
      time.remove()
    },
    TIMEOUT_MS,
  )
})
