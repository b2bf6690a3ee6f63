import type { SessionId } from '../../machines/ids.js'
import { timersOf } from '../../machines/session/timers.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { createLogger } from '../../src/platform/logger.js'
import { stateJson } from '../../src/sync/state-digest.js'
import { ENGINES, type RedisServer } from '../support/redis-server.js'
import { extend, join, keepsTheContract, tableFrom, tableOn } from './contract.js'

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })

for (const [engine, describeIt, start] of ENGINES)
  describeIt(`the command log on ${engine}`, () => {
    let redis: RedisServer
    const open = () => RedisLog.open({ url: redis.url, logger })

    beforeAll(async () => {
      redis = await start()
    })

    afterAll(() => redis.stop())

    beforeEach(() => redis.ask('FLUSHALL'))

    describe('like every log', () => {
      keepsTheContract(
        async () => {
          const log = await open()
          return { log, close: () => log.close() }
        },
        { isSynchronous: false },
      )
    })

    test('writes commands that are refused, unless what was read just before already refuses them', async () => {
      const log = await open()
      const table = await tableOn(log, 'one')
      const key = (await redis.keys()).find((name) => name.endsWith(':log')) ?? ''
      const entries = () => redis.ask('XLEN', key)
      const reveal = { type: 'round.reveal', at: 0, by: table.replica.birth.input.creator.id } as const
      table.propose(reveal)
      expect((await table.untilSettled()).map(({ type }) => type)).toEqual(['refused'])
      expect(await entries()).toBe(2)
      await table.afterCatchingUp(() => table.propose(reveal))
      expect((await table.untilSettled()).map(({ type }) => type)).toEqual(['refused', 'refused'])
      expect(await entries()).toBe(2)
      await log.close()
    })

    describe('for the next process', () => {
      /** Enough for snapshots: two checkpoints, and some entries after them. */
      const ENTRIES = 200

      async function played(log: RedisLog) {
        const table = await tableOn(log, 'one')
        table.propose(join('bob'))
        for (let index = 1; index < ENTRIES; index += 1) {
          table.propose(extend)
          // So that they are not all one call.
          if (index % 10 === 0) await table.untilSettled()
        }
        await table.untilSettled()
        return table
      }

      test('has the session as it was, with the frames of at least the last 64 entries', async () => {
        const log = await open()
        const table = await played(log)
        await log.close()
        const next = await open()
        const again = await tableFrom(next, 'one')
        if (again === null) throw new Error('the session is gone')
        expect(stateJson(again.replica.snapshot)).toBe(stateJson(table.replica.snapshot))
        expect(timersOf(again.replica.snapshot)).toEqual(timersOf(table.replica.snapshot))
        expect(again.replica.credentials.entries()).toEqual(table.replica.credentials.entries())
        const { last } = table.replica.log
        const frames = ({ log: events }: typeof table.replica) =>
          events.since(last - 64)?.map(({ frame }) => frame.toString())
        expect(frames(again.replica)).toHaveLength(64)
        expect(frames(again.replica)).toEqual(frames(table.replica))
        // And it continues.
        again.propose(extend)
        expect((await again.untilSettled())[0]?.type).toBe('done')
        expect(again.replica.snapshot.context.revision).toBe(table.replica.snapshot.context.revision + 1)
        await next.close()
      })

      test('keeps no more entries than those since the checkpoint before last', async () => {
        const log = await open()
        await played(log)
        const stream = (await redis.keys()).find((key) => key.endsWith(':log')) ?? ''
        const entries = async () => Number(await redis.ask('XLEN', stream))
        // 201 entries with the first: the snapshot is that of the 128th, and that of the 192nd waits.
        while ((await entries()) > ENTRIES + 1 - 128) await new Promise((resolve) => setTimeout(resolve, 5))
        expect(await entries()).toBe(ENTRIES + 1 - 128)
        await log.close()
      })

      test('lists what is live and what is over, and forgets what is over', async () => {
        const log = await open()
        for (const id of ['one', 'two', 'three']) await tableOn(log, id)
        log.end('two' as SessionId)
        while ((await log.known()).ended.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        const { live, ended } = await log.known()
        expect([[...live].sort(), ended]).toEqual([['one', 'three'], ['two']])
        for (const key of await redis.keys()) {
          expect([key, Number(await redis.ask('PTTL', key)) > 0]).toEqual([key, true])
          const isOver = key.includes('two')
          if (isOver) expect(Number(await redis.ask('PTTL', key))).toBeLessThanOrEqual(600_000)
        }
        await log.close()
      })

      test('recognises a command that was carried out, and does not carry it out again', async () => {
        const log = await open()
        const table = await tableOn(log, 'one')
        const mark = { id: 'of the key', request: 'of the request', salt: 'salt' }
        // Both are on their way before either is known.
        for (const name of ['bob', 'cyd']) table.propose(join(name), undefined, mark)
        expect((await table.untilSettled()).map(({ type }) => type)).toEqual(['done', 'repeated'])
        await log.close()
        const next = await open()
        const again = await tableFrom(next, 'one')
        again?.propose(join('dee'), undefined, mark)
        expect((await again?.untilSettled())?.map(({ type }) => type)).toEqual(['repeated'])
        expect(again?.replica.marks.all).toEqual(table.replica.marks.all)
        expect(table.replica.marks.all).toMatchObject([{ ...mark, seat: 'bob' }])
        await next.close()
      })

      test('keeps no session that does not exist', async () => {
        const log = await open()
        expect(await tableFrom(log, 'nobody')).toBeNull()
        await log.close()
      })
    })
  })
