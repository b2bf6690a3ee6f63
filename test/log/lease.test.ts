import { Writable } from 'node:stream'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { createLogger } from '../../src/platform/logger.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { birthOf, extend, tableOn } from './contract.js'

const HOLDER = 'm:{g}:holder'

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describeWithRedis('the process that carries the sessions out', () => {
  let redis: RedisServer
  let lines = ''
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines += chunk
      done()
    },
  })
  const logger = createLogger({ LOG_LEVEL: 'info', DEBUG: false }, { now: () => 0 }, destination)
  const hold = (patienceMs?: number) =>
    RedisLog.open({
      url: redis.url,
      logger,
      isHolder: true,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    })

  beforeEach(async () => {
    lines = ''
    redis = await RedisServer.start()
  })

  afterEach(() => redis.stop())

  test('is one at a time: another one does not start beside it', async () => {
    const log = await hold()
    await expect(hold(3_000)).rejects.toThrow(/another server runs with this COMMAND_LOG/)
    await log.close()
  })

  test('lets the next one have them at once when it ends in order', async () => {
    const log = await hold()
    const held = await redis.ask('GET', HOLDER)
    const order: string[] = []
    const next = hold().then((other) => {
      order.push('taken')
      return other
    })
    await later(500)
    order.push('ended')
    await log.close()
    await (await next).close()
    expect(order).toEqual(['ended', 'taken'])
    expect(held).not.toBeNull()
    expect(await redis.ask('GET', HOLDER)).toBeNull()
  })

  test('leaves them to the next one when it was killed, after a moment', async () => {
    await redis.ask('SET', HOLDER, 'a killed one', 'PX', '1000')
    const log = await hold()
    await log.close()
  })

  test('keeps them as long as it runs, and takes no commands once somebody else has them', async () => {
    const log = await hold()
    const table = await tableOn(log, 'one')
    const first = Number(await redis.ask('PTTL', HOLDER))
    // It is renewed: what is left of it rises.
    for (let left = first; left <= first; ) {
      await later(20)
      const now = Number(await redis.ask('PTTL', HOLDER))
      if (now > left) break
      left = now
    }
    await redis.ask('SET', HOLDER, 'another one')
    while (log.isAvailable) await later(20)
    table.propose(extend)
    expect(await table.untilSettled()).toEqual([{ type: 'unavailable' }])
    expect(await new Promise((resolve) => log.create(birthOf('two'), resolve))).toBeNull()
    expect(lines).toContain('another server has taken the sessions over')
    await log.close()
    expect(await redis.ask('GET', HOLDER)).toBe('another one')
  })
})

describeWithRedis('a Redis without an append-only file', () => {
  test('is warned of at the start', async () => {
    let lines = ''
    const destination = new Writable({
      write(chunk, _encoding, done) {
        lines += chunk
        done()
      },
    })
    const logger = createLogger({ LOG_LEVEL: 'info', DEBUG: false }, { now: () => 0 }, destination)
    for (const appendonly of ['no', 'yes']) {
      lines = ''
      const redis = await RedisServer.start(['--appendonly', appendonly])
      await (await RedisLog.open({ url: redis.url, logger })).close()
      expect([appendonly, lines.includes('no append-only file')]).toEqual([appendonly, appendonly === 'no'])
      await redis.stop()
    }
  })
})
