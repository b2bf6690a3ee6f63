import { readFileSync } from 'node:fs'
import { join as pathOf } from 'node:path'
import { parse } from 'yaml'
import type { Room, SessionId } from '../../machines/ids.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { Nonces } from '../../src/log/redis/nonces.js'
import { createLogger } from '../../src/platform/logger.js'
import type { Outcome } from '../../src/runtime/outcome.js'
import { stateJson } from '../../src/sync/state-digest.js'
import { describeWithRedis, ENGINES, RedisServer } from '../support/redis-server.js'
import { startTcpProxy } from '../support/tcp-proxy.js'
import { birthOf, create, extend, join, type Table, tableFrom, tableOn } from './contract.js'

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const typesOf = (outcomes: readonly Outcome[]) => outcomes.map(({ type }) => type)
const countOf = (outcomes: readonly Outcome[], type: Outcome['type']) =>
  outcomes.filter((outcome) => outcome.type === type).length

describeWithRedis('a Redis that misbehaves', () => {
  let redis: RedisServer
  let log: RedisLog
  let table: Table

  beforeEach(async () => {
    redis = await RedisServer.start()
    log = await RedisLog.open({ url: redis.url, logger })
    table = await tableOn(log, 'one')
  })

  afterEach(async () => {
    await log.close()
    await redis.stop()
  })

  /** Waits until Redis is available again, for whoever asks later. */
  async function untilAvailable(): Promise<void> {
    for (;;) {
      table.propose(extend)
      const outcomes = await table.untilSettled()
      if (outcomes.at(-1)?.type === 'done') return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** What another process would continue with. */
  async function expectTheSameElsewhere(): Promise<void> {
    const other = await RedisLog.open({ url: redis.url, logger })
    const again = await tableFrom(other, 'one')
    expect(again === null ? null : stateJson(again.replica.snapshot)).toBe(stateJson(table.replica.snapshot))
    await other.close()
  }

  const stream = async () => (await redis.keys()).find((key) => key.endsWith(':log')) ?? ''

  test('is suspended: what is on its way has no place, and gets none when it resumes', async () => {
    table.propose(join('bob'))
    await table.untilSettled()
    const { revision } = table.replica.snapshot.context
    await redis.signal('SIGSTOP')
    for (let index = 0; index < 20; index += 1) table.propose(extend)
    expect(countOf(await table.untilSettled(), 'unavailable')).toBe(20)
    while (log.isAvailable) await new Promise((resolve) => setTimeout(resolve, 20))
    // Nobody waits for a log that is known to be away.
    let isTold = false
    table.propose(extend, () => {
      isTold = true
    })
    expect(isTold).toBe(true)
    await redis.signal('SIGCONT')
    await untilAvailable()
    // The proposal that found it there again.
    expect(table.replica.snapshot.context.revision).toBe(revision + 1)
    await expectTheSameElsewhere()
  })

  test('is suspended while a session is made and the server is killed: nobody is told of that session', async () => {
    await redis.signal('SIGSTOP')
    create(log, 'ghost').catch(() => {})
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    await log.close()
    await redis.signal('SIGCONT')
    const other = await RedisLog.open({ url: redis.url, logger })
    expect(await other.known()).toEqual({ live: ['one'], ended: [] })
    await other.close()
  })

  test('is away: a session is not even asked for', async () => {
    await redis.signal('SIGSTOP')
    while (log.isAvailable) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await create(log, 'two')).toEqual({ type: 'unavailable' })
    await redis.signal('SIGCONT')
  })

  test('makes no more sessions at a time than allowed', async () => {
    await redis.signal('SIGSTOP')
    let refused = 0
    for (let index = 0; index < 300; index += 1) {
      log.create({ birth: birthOf(`s${index}`), sessionsMax: 1_000, evicted: null }, ({ type }) => {
        if (type === 'unavailable') refused += 1
      })
    }
    expect(refused).toBe(300 - 256)
    await redis.signal('SIGCONT')
  })

  test('is behind a dead connection that looks open: it is cut, whatever is still written to it', async () => {
    const proxy = await startTcpProxy(Number(new URL(redis.url).port))
    const behind = await RedisLog.open({ url: `redis://127.0.0.1:${proxy.port}`, logger })
    proxy.silence()
    const ask = async () => (await behind.known()).live
    const writer = setInterval(() => ask().catch(() => {}), 100)
    while (behind.isAvailable) await later(20)
    while (!behind.isAvailable) await later(20)
    clearInterval(writer)
    expect(await ask()).toEqual(['one'])
    await behind.close()
    await proxy.close()
  }, 60_000)

  test('has become a replica of the server that its name now leads to: that is noticed', async () => {
    const portOf = ({ url }: RedisServer) => Number(new URL(url).port)
    const proxy = await startTcpProxy(portOf(redis))
    const behind = await RedisLog.open({ url: `redis://127.0.0.1:${proxy.port}`, logger })
    const played = await tableOn(behind, 'two')
    const next = await RedisServer.start(['--replicaof', '127.0.0.1', String(portOf(redis))])
    while (!String(await next.ask('INFO', 'replication')).includes('master_link_status:up')) await later(20)
    await next.ask('REPLICAOF', 'NO', 'ONE')
    await redis.ask('REPLICAOF', '127.0.0.1', String(portOf(next)))
    proxy.aim(portOf(next))
    let last: string | undefined
    while (last !== 'done') {
      played.propose(extend)
      last = (await played.untilSettled()).at(-1)?.type
      await later(50)
    }
    expect(played.replica.snapshot.context.revision).toBe(1)
    await behind.close()
    await proxy.close()
    await next.stop()
  }, 60_000)

  test('was emptied and rewritten by another process: a process that missed something by then loads the session again', async () => {
    const proxy = await startTcpProxy(Number(new URL(redis.url).port))
    const behind = await RedisLog.open({ url: `redis://127.0.0.1:${proxy.port}`, logger })
    await tableFrom(behind, 'one')
    const dropped = new Promise<boolean>((resolve) => {
      behind.watch({ created: () => {}, lost: () => {}, dropped: (_id, isForked) => resolve(isForked) })
    })
    proxy.partition(true)
    table.propose(extend)
    await table.untilSettled()
    await redis.ask('FLUSHALL')
    // The process that has all of it rewrites it unprompted.
    while ((await stream()) === '') await later(20)
    proxy.restore()
    expect(await dropped).toBe(false)
    expect((await tableFrom(behind, 'one'))?.replica.snapshot.context.revision).toBe(1)
    await behind.close()
    await proxy.close()
  }, 60_000)

  test('cuts connections: every command has one outcome, and the log has those that were done', async () => {
    let cut = 0
    const cutter = setInterval(async () => {
      cut += Number(await redis.ask('CLIENT', 'KILL', 'TYPE', 'normal').catch(() => 0))
    }, 15)
    for (let index = 0; index < 300; index += 1) {
      table.propose(extend)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    clearInterval(cutter)
    expect(cut).toBeGreaterThan(0)
    await table.untilSettled()
    await untilAvailable()
    const done = countOf(await table.untilSettled(), 'done')
    expect(table.replica.snapshot.context.revision).toBe(done)
    await expectTheSameElsewhere()
  }, 60_000)

  test('is killed and comes back with its file: nothing that was done is gone', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 30; index += 1) table.propose(extend)
      const killed = redis.signal('SIGKILL')
      for (let index = 0; index < 30; index += 1) table.propose(extend)
      await killed
      await redis.start()
      await untilAvailable()
    }
    const outcomes = await table.untilSettled()
    expect(table.replica.snapshot.context.revision).toBe(countOf(outcomes, 'done'))
    await expectTheSameElsewhere()
  }, 60_000)

  test('has lost everything: a session is listed again although nothing happens in it', async () => {
    const other = await RedisLog.open({ url: redis.url, logger })
    await redis.ask('FLUSHALL')
    await redis.ask('CLIENT', 'KILL', 'TYPE', 'normal')
    for (;;) {
      const { live } = await other.known().catch(() => ({ live: [] }))
      if (live.length > 0) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect((await other.known()).live).toEqual(['one'])
    await other.close()
  })

  test('has lost everything: the session is rewritten as this process has it', async () => {
    for (let index = 0; index < 70; index += 1) table.propose(extend)
    await table.untilSettled()
    await redis.ask('FLUSHALL')
    table.propose(join('bob'))
    table.propose(extend)
    expect(typesOf(await table.untilSettled()).slice(-2)).toEqual(['done', 'done'])
    await expectTheSameElsewhere()
    for (const key of await redis.keys()) expect(Number(await redis.ask('PTTL', key))).toBeGreaterThan(0)
  })

  test.each([
    ['is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['may only be read', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ])('%s: it counts as away until it accepts writes again, and nothing breaks', async (_how, on, off) => {
    await redis.ask(...on)
    table.propose(extend)
    expect(typesOf(await table.untilSettled())).toEqual(['unavailable'])
    expect(log.isAvailable).toBe(false)
    await redis.ask(...off)
    while (!log.isAvailable) await new Promise((resolve) => setTimeout(resolve, 20))
    await untilAvailable()
    await expectTheSameElsewhere()
  })

  test('has an entry twice: the second one is ignored', async () => {
    table.propose(join('bob'))
    table.propose(extend)
    await table.untilSettled()
    const key = await stream()
    const entries = await redis.ask('XRANGE', key, '-', '+')
    const [id, fields] = Array.isArray(entries) ? entries.at(-1) : []
    const [ms, seq] = String(id).split('-')
    await redis.ask('XADD', key, `${ms}-${Number(seq) + 1}`, ...fields)
    table.propose(extend)
    await table.untilSettled()
    expect(table.replica.snapshot.context.revision).toBe(3)
    await expectTheSameElsewhere()
  })

  test('was away when a session ended: it is told later', async () => {
    const other = await RedisLog.open({ url: redis.url, logger, tidyMs: 100 })
    await tableOn(other, 'two')
    await redis.signal('SIGKILL')
    other.end('two' as SessionId)
    await redis.start()
    while ((await redis.ask('ZSCORE', 'm:{g}:ended', 'two')) === null)
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await redis.ask('ZSCORE', 'm:{g}:live', 'two')).toBeNull()
    await other.close()
  }, 60_000)

  test('gives every command the time at which it has its place', async () => {
    table.propose(extend)
    await table.untilSettled()
    const info = await redis.ask('XINFO', 'STREAM', await stream())
    const last = Array.isArray(info) ? info[info.indexOf('last-generated-id') + 1] : ''
    expect(`${table.replica.snapshot.context.now}-2`).toBe(last)
  })
})

describeWithRedis('a Redis with users', () => {
  test('needs to allow no more than the guide says', async () => {
    const guide = readFileSync(pathOf(__dirname, '../../docs/scale.md'), 'utf8')
    const rules = /`(~m:\* [^`]+)`/.exec(guide)?.[1]?.split(' ') ?? []
    expect(rules.length).toBeGreaterThan(5)
    const redis = await RedisServer.start()
    await redis.ask('ACL', 'SETUSER', 'magnapp', 'on', '>secret', ...rules)
    const url = redis.url.replace('//', '//magnapp:secret@')
    const log = await RedisLog.open({ url, logger })
    const table = await tableOn(log, 'one', { room: 'blue' as Room })
    expect(await log.inRoom('blue' as Room)).toBe('one')
    for (let index = 0; index < 140; index += 1) table.propose(extend)
    expect(countOf(await table.untilSettled(), 'done')).toBe(140)
    const other = await RedisLog.open({ url, logger })
    const again = await tableFrom(other, 'one')
    expect(again?.replica.snapshot.context.revision).toBe(140)
    while (!(await redis.keys()).some((key) => key.endsWith(':snap')))
      await new Promise((resolve) => setTimeout(resolve, 5))
    log.end(table.id)
    while ((await log.known()).ended.length === 0) await later(5)
    expect((await log.known()).ended).toEqual(['one'])
    await other.close()
    await log.close()
    await redis.stop()
  })
})

for (const [engine, describeIt, start] of ENGINES)
  describeIt(`the Valkey of the compose file, if it were ${engine}`, () => {
    test('is fit to keep sessions, and keeps them', async () => {
      const compose = parse(readFileSync(pathOf(__dirname, '../../deploy/compose.production.yml'), 'utf8'))
      const [program, ...options] = compose.services.valkey.command
      expect(program).toBe('valkey-server')
      const redis = await start(options)
      const log = await RedisLog.open({ url: redis.url, logger })
      const table = await tableOn(log, 'one')
      table.propose(extend)
      expect(typesOf(await table.untilSettled())).toEqual(['done'])
      await log.close()
      await redis.signal('SIGTERM')
      await redis.start()
      const next = await RedisLog.open({ url: redis.url, logger })
      expect((await tableFrom(next, 'one'))?.replica.snapshot.context.revision).toBe(1)
      await next.close()
      await redis.stop()
    })
  })

describeWithRedis('a Redis that is unfit to keep sessions', () => {
  test('is refused at startup if it drops keys when it is full', async () => {
    const redis = await RedisServer.start(['--maxmemory-policy', 'allkeys-lru'])
    await expect(RedisLog.open({ url: redis.url, logger })).rejects.toMatchObject({
      faults: [
        'COMMAND_LOG points to a server that drops keys when its memory is full (maxmemory-policy allkeys-lru); it must be noeviction',
      ],
    })
    await redis.stop()
  })

  test('is refused if it wants a password, with its own error and without showing ours', async () => {
    const redis = await RedisServer.start()
    await redis.ask('CONFIG', 'SET', 'requirepass', 'secret')
    const url = redis.url.replace('//', '//:wrong-guess@')
    const refused = RedisLog.open({ url, logger, patienceMs: 500 })
    await expect(refused).rejects.toThrow(/COMMAND_LOG cannot be reached: WRONGPASS/)
    await expect(refused).rejects.not.toThrow(/wrong-guess/)
    await redis.stop()
  })

  test('is waited for, and then refused, if it is not there', async () => {
    const redis = await RedisServer.start()
    await redis.stop()
    await expect(RedisLog.open({ url: redis.url, logger, patienceMs: 300 })).rejects.toThrow(
      /COMMAND_LOG cannot be reached: .*ECONNREFUSED/,
    )
  })
})

test('a nonce counts only if it comes after its proposer’s last, and a limited number of proposers is kept', () => {
  const nonces = new Nonces([['a.b', 3]])
  const offered = ['a.b.3', 'a.b.4', 'a.b.4', 'c.1', 'a.b.2']
  expect(offered.map((nonce) => nonces.isNew(nonce))).toEqual([false, true, false, true, false])
  for (let index = 0; index < 40; index += 1) nonces.isNew(`other${index}.1`)
  expect(nonces.entries).toHaveLength(16)
})
