import type { SessionId } from '../../machines/ids.js'
import { timersOf } from '../../machines/session/timers.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { keysOf } from '../../src/log/redis/keys.js'
import { createLogger } from '../../src/platform/logger.js'
import type { SessionReplica } from '../../src/runtime/session-replica.js'
import { MINUTE_MS, SETTINGS } from '../support/chart.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { create, extend, join, replicaOf } from './contract.js'

/*
 * A session is read again and again while commands are added to its log, snapshots are written and the
 * entries they cover are dropped: what is read is always consistent, and what the session was at that place.
 */

const ID = 'busy' as SessionId
const COMMANDS = 3_000
/** Commands proposed in one turn of the event loop, at most. */
const AT_ONCE_MAX = 40
/** Entries between two snapshots, and those before the newest one that a reader may still want. */
const ENTRIES_MAX = 128
const TIMEOUT_MS = 60_000
const SESSION_SETTINGS = { ...SETTINGS, idleMs: 600 * MINUTE_MS, presenceMs: 600 * MINUTE_MS }

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })

describeWithRedis('a session that is read while it continues', () => {
  let redis: RedisServer

  beforeAll(async () => {
    redis = await RedisServer.start()
  })

  afterAll(() => redis.stop())

  test(
    'is always what it was at that place, and its log stays short',
    async () => {
      const [writing, reading] = [
        await RedisLog.open({ url: redis.url, logger }),
        await RedisLog.open({ url: redis.url, logger }),
      ]
      const placed = await create(writing, ID, { settings: SESSION_SETTINGS })
      if (placed.type !== 'placed') throw new Error('there is no session')
      const writer = replicaOf(placed.birth)
      /** By the number of commands carried out. */
      const texts = new Map<number, string>([[0, textAt(writer)]])
      const commands = writing.follow(ID, {
        apply: (command, mark) => {
          const outcome = writer.apply(command, mark)
          texts.set(writer.snapshot.context.revision, textAt(writer))
          return outcome
        },
        refuses: () => null,
        persisted: () => writer.persisted(),
      })

      let isOver = false
      const play = async () => {
        for (let count = 0; count < COMMANDS; ) {
          const batch = Math.min(COMMANDS - count, 1 + Math.floor(Math.random() * AT_ONCE_MAX))
          const settled = Array.from({ length: batch }, (_, index) => {
            const command = (count + index) % 500 === 7 ? join(`person ${count + index}`) : extend
            return new Promise((resolve) => commands.propose(command, resolve))
          })
          await Promise.all(settled)
          count += batch
        }
        isOver = true
      }
      const { log: key, snap } = keysOf(ID)
      const lengths: number[] = []
      const read = async () => {
        let reads = 0
        for (; !isOver; reads += 1) {
          const found: SessionReplica[] = []
          expect(
            await reading.load(ID, (from) => {
              const replica = replicaOf(from)
              found.push(replica)
              return replica
            }),
          ).toBe(true)
          const [replica] = found
          if (replica === undefined) throw new Error('nothing was read')
          // As far as its first read reached: entries after that may have been carried out by now too.
          const { revision } = replica.snapshot.context
          expect(textAt(replica)).toBe(texts.get(revision) ?? (await untilKnown(texts, revision)))
          reading.letGo(ID)
          lengths.push(Number(await redis.ask('XLEN', key)))
        }
        return reads
      }
      const [reads] = await Promise.all([read(), play()])
      expect(reads).toBeGreaterThan(10)
      // Two snapshots' worth, and the calls that were on their way.
      expect(Math.max(...lengths)).toBeLessThanOrEqual(ENTRIES_MAX + 2 * AT_ONCE_MAX)
      for (const lifetime of [key, snap].map(async (name) => Number(await redis.ask('PTTL', name))))
        expect(await lifetime).toBeGreaterThan(0)
      await Promise.all([writing.close(), reading.close()])
    },
    TIMEOUT_MS,
  )
})

/** Everything there is of a session, including its timers. */
function textAt(replica: SessionReplica): string {
  return JSON.stringify([replica.persisted(), timersOf(replica.snapshot)])
}

/** The reader may be told of an entry before the writer is. */
async function untilKnown(texts: ReadonlyMap<number, string>, revision: number): Promise<string> {
  for (;;) {
    const text = texts.get(revision)
    if (text !== undefined) return text
    await new Promise((resolve) => setImmediate(resolve))
  }
}
