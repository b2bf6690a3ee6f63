import type { SessionId } from '../../machines/ids.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { readConfig } from '../../src/platform/config.js'
import { createLogger } from '../../src/platform/logger.js'
import { describeWithRedis, describeWithValkey, RedisServer } from '../support/redis-server.js'
import { create, extend, type Table, tableFrom, tableOn } from './contract.js'

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })
const TIMEOUT_MS = 60_000

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function outcomeOf(table: Table): Promise<string | undefined> {
  table.propose(extend)
  return (await table.untilSettled()).at(-1)?.type
}

describeWithRedis('LOG_ACK=replicated:1', () => {
  let primary: RedisServer
  let replica: RedisServer
  let log: RedisLog

  beforeEach(async () => {
    primary = await RedisServer.start(['--repl-diskless-sync-delay', '0'])
    const { hostname, port } = new URL(primary.url)
    replica = await RedisServer.start(['--replicaof', hostname, port])
    while (!String(await replica.ask('INFO', 'replication')).includes('master_link_status:up'))
      await later(20)
    log = await RedisLog.open({ url: primary.url, logger, ack: 'replicated:1' })
  }, TIMEOUT_MS)

  afterEach(async () => {
    await log.close()
    await Promise.all([primary.stop(), replica.stop()])
  }, TIMEOUT_MS)

  test(
    'acknowledges what a replica has; what it lacks is reported neither as done nor as refused',
    async () => {
      const table = await tableOn(log, 'one')
      expect(await outcomeOf(table)).toBe('done')
      await replica.signal('SIGSTOP')
      expect(await outcomeOf(table)).toBe('unavailable')
      expect(await create(log, 'two')).toEqual({ type: 'unavailable' })
      // Nor is a repeat told that it was done.
      expect(await new Promise((resolve) => log.confirm(resolve))).toBe(false)
      // It was carried out all the same: a 503 allows for that.
      expect(table.replica.snapshot.context.revision).toBe(2)
      await replica.signal('SIGCONT')
      let outcome = await outcomeOf(table)
      while (outcome !== 'done') outcome = await outcomeOf(table)
      expect(await new Promise((resolve) => log.confirm(resolve))).toBe(true)
      // If nobody was told of a session, it is over for any process that has heard of it.
      while (!(await log.known()).ended.includes('two' as SessionId)) await later(20)
      const other = await RedisLog.open({ url: primary.url, logger })
      expect((await other.known()).live).toEqual(['one'])
      expect((await tableFrom(other, 'two'))?.replica.hasEnded).toBe(true)
      await other.close()
    },
    TIMEOUT_MS,
  )

  test(
    'loses nothing acknowledged when a replica that was cut off takes over',
    async () => {
      const table = await tableOn(log, 'one')
      for (let count = 0; count < 20; count += 1) expect(await outcomeOf(table)).toBe('done')
      await replica.signal('SIGSTOP')
      let acknowledged = 20
      for (let count = 0; count < 3; count += 1) if ((await outcomeOf(table)) === 'done') acknowledged += 1
      await primary.signal('SIGKILL')
      await replica.signal('SIGCONT')
      await replica.ask('REPLICAOF', 'NO', 'ONE')
      const next = await RedisLog.open({ url: replica.url, logger })
      const again = await tableFrom(next, 'one')
      expect(acknowledged).toBe(20)
      expect(again?.replica.snapshot.context.revision).toBeGreaterThanOrEqual(acknowledged)
      await next.close()
    },
    TIMEOUT_MS,
  )
})

describeWithRedis('LOG_ACK=fsynced', () => {
  test('is refused if the server cannot tell what is on disk', async () => {
    const redis = await RedisServer.start(['--appendonly', 'no'])
    await expect(RedisLog.open({ url: redis.url, logger, ack: 'fsynced' })).rejects.toThrow(
      /LOG_ACK=fsynced needs/,
    )
    await redis.stop()
  })
})

describeWithValkey('LOG_ACK=fsynced on Valkey', () => {
  let valkey: RedisServer
  let url: string

  async function start(...options: readonly string[]): Promise<void> {
    valkey = await RedisServer.startValkey(options)
    url = valkey.url
  }

  afterEach(() => valkey.stop())

  test.each([
    ['everysec', ['--appendfsync', 'everysec']],
    ['no', ['--appendfsync', 'no']],
    ['always, with no append-only file', ['--appendfsync', 'always', '--appendonly', 'no']],
    ['always, which it does not tell', ['--appendfsync', 'always', '--rename-command', 'CONFIG', '']],
  ])('is refused with appendfsync %s', async (_policy, options) => {
    await start(...options)
    await expect(RedisLog.open({ url, logger, ack: 'fsynced' })).rejects.toThrow(
      'with appendonly yes and appendfsync always',
    )
  })

  test('acknowledges what is on disk; what is not is reported neither as done nor as refused', async () => {
    await start('--appendfsync', 'always')
    const log = await RedisLog.open({ url, logger, ack: 'fsynced' })
    const table = await tableOn(log, 'one')
    for (let count = 0; count < 20; count += 1) expect(await outcomeOf(table)).toBe('done')
    await valkey.ask('CONFIG', 'SET', 'appendfsync', 'no')
    expect(await outcomeOf(table)).toBe('unavailable')
    await valkey.ask('CONFIG', 'SET', 'appendfsync', 'always')
    expect(await outcomeOf(table)).toBe('done')
    await log.close()
    await valkey.signal('SIGKILL')
    await valkey.start()
    const next = await RedisLog.open({ url, logger, ack: 'fsynced' })
    expect((await tableFrom(next, 'one'))?.replica.snapshot.context.revision).toBe(22)
    await next.close()
  })
})

test.each(['replicated:0', 'replicated:10', 'replicated', 'replicated:1.5', 'synced', 'Written'])(
  'LOG_ACK=%s is not a valid setting',
  (LOG_ACK) => {
    expect(() => readConfig({ LOG_ACK })).toThrow(/LOG_ACK/)
  },
)
