import { randomUUID } from 'node:crypto'
import { ENDED } from '../../src/log/redis/keys.js'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { runCommand } from '../support/command.js'
import { modulesRun } from '../support/modules-run.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { TestStream } from '../support/sse.js'

/*
 * The built server with its sessions in a real Redis, both of them killed, suspended and restarted at will:
 * no session ends, nothing acknowledged is lost, nothing happens twice.
 */

/** Servers and Redis are started meanwhile. */
const TIMEOUT_MS = 60_000

/** Nobody is away just because this machine is slow. */
const ENVIRONMENT = (url: string) => ({
  COMMAND_LOG: url,
  MAX_SESSIONS: '20',
  RATE_LIMITING: 'false',
  DISCONNECT_DEBOUNCE_SECONDS: '60',
})

describeWithRedis('a server whose sessions are in Redis', () => {
  let redis: RedisServer
  let server: BuiltServer
  let api: Api
  const streams: TestStream[] = []

  async function start(): Promise<void> {
    server = await startBuiltServer(ENVIRONMENT(redis.url))
    api = new Api(server.url)
  }

  async function restart(signal: NodeJS.Signals): Promise<void> {
    await server.stop(signal)
    await start()
  }

  beforeEach(async () => {
    redis = await RedisServer.start()
    await start()
  }, TIMEOUT_MS)

  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.close()
    await server.stop('SIGKILL')
    await redis.stop()
  })

  async function open({ sessionId, token }: Person, lastEventId?: number): Promise<TestStream> {
    const request = lastEventId === undefined ? { token } : { token, lastEventId }
    const stream = new TestStream(api.url, sessionId, request)
    streams.push(stream)
    return stream.until(({ status }) => status === 200)
  }

  /** Repeated with one key until the server can write again: it is carried out once. */
  async function persistently(by: Person, command: string, body?: unknown) {
    const headers = { 'Idempotency-Key': randomUUID() }
    for (;;) {
      const answer = await api.post(`/api/sessions/${by.sessionId}/${command}`, { by, body, headers })
      if (answer.status !== 503) return answer
      expect(answer.headers.get('retry-after')).toBe('5')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'continues in the middle of a round after %s: votes, streams and people are as they were',
    async (signal) => {
      const ada = await api.create()
      const bob = await api.join(ada.sessionId)
      const stream = await open(bob)
      await stream.untilType('session_updated')
      await api.command(ada, 'start')
      await stream.untilType('voting_started')
      const seen = Number(stream.frames.at(-1)?.id)
      stream.close()
      await api.command(bob, 'vote', { vote: '5' })
      const before = await api.session(ada.sessionId)
      await restart(signal)
      const again = await open(bob, seen)
      await api.command(ada, 'vote', { vote: '8' })
      const { body } = await api.command(ada, 'reveal')
      expect(body.statistics).toMatchObject({ total_votes: 2, average: 6.5 })
      await again.untilType('round_completed')
      expect(again.types).toEqual(['vote_submitted', 'vote_submitted', 'votes_revealed', 'round_completed'])
      const ids = again.frames.map(({ id }) => Number(id))
      expect(ids).toEqual([1, 2, 3, 4].map((step) => seen + step))
      const after = await api.session(ada.sessionId)
      expect(after.participants).toEqual(before.participants)
      expect(again.frames.at(-1)?.data.state_checksum).toBe(after.state_checksum)
    },
    TIMEOUT_MS,
  )

  test(
    'carries out every command once, though killed again and again under load, if clients repeat theirs',
    async () => {
      const ada = await api.create()
      const path = `/api/sessions/${ada.sessionId}/stories`
      const titles: string[] = []
      const add = async (title: string, key: string) => {
        const headers = { 'Idempotency-Key': key }
        const answer = await api.post(path, { by: ada, body: { title }, headers }).catch(() => null)
        if (answer === null) return false
        expect([answer.status, answer.body.stories[0].title]).toEqual([201, title])
        titles.push(title)
        return true
      }
      for (let round = 0; round < 3; round += 1) {
        const writing = Array.from({ length: 8 }, async (_, writer) => {
          for (let count = 0; count < 7; count += 1) {
            const [title, key] = [`${round}.${writer}.${count}`, randomUUID()]
            if (!(await add(title, key))) return [title, key] as const
          }
          return null
        })
        while (titles.length < round * 56 + 16) await new Promise((resolve) => setTimeout(resolve, 5))
        await server.stop('SIGKILL')
        const unanswered = (await Promise.all(writing)).filter((asked) => asked !== null)
        await start()
        for (const [title, key] of unanswered) expect(await add(title, key)).toBe(true)
        titles.push(...Array<string>(round * 56 + 56 - titles.length).fill(''))
      }
      const { stories } = (await api.request(path)).body
      const kept: string[] = stories.map(({ title }: { title: string }) => title)
      expect(kept.toSorted()).toEqual(titles.filter((title) => title !== '').toSorted())
    },
    TIMEOUT_MS,
  )

  test(
    'continues when Redis is killed and restarted with its file',
    async () => {
      const ada = await api.create()
      const stream = await open(ada)
      await stream.untilType('session_updated')
      await api.command(ada, 'start')
      await redis.signal('SIGKILL')
      const refused = await api.post(`/api/sessions/${ada.sessionId}/vote`, { by: ada, body: { vote: '5' } })
      expect([refused.status, refused.body.error_code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
      const look = () => api.request(`/api/sessions/${ada.sessionId}`)
      let read = await look()
      while (read.body.stale !== true) read = await look()
      expect([read.status, read.body.stale, read.headers.get('warning')?.slice(0, 3)]).toEqual([
        200,
        true,
        '110',
      ])
      let ready = await api.request('/readyz')
      while (ready.body.status === 'ready') ready = await api.request('/readyz')
      expect([ready.status, ready.body.status]).toEqual([200, 'degraded'])
      await redis.start()
      expect((await persistently(ada, 'vote', { vote: '5' })).status).toBe(200)
      await stream.untilType('vote_submitted')
      expect(stream.isClosed).toBe(false)
      await restart('SIGKILL')
      const { current_round } = await api.session(ada.sessionId)
      expect(Object.keys(current_round.votes)).toEqual([ada.userId])
    },
    TIMEOUT_MS,
  )

  test(
    'answers 503 while Redis is suspended, and carries none of those requests out late',
    async () => {
      const ada = await api.create()
      const path = `/api/sessions/${ada.sessionId}/stories`
      await redis.signal('SIGSTOP')
      const key = randomUUID()
      const late = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          api.post(path, {
            by: ada,
            body: { title: `late ${index}` },
            headers: index === 0 ? { 'Idempotency-Key': key } : {},
          }),
        ),
      )
      expect(late.map(({ status }) => status)).toEqual(late.map(() => 503))
      await redis.signal('SIGCONT')
      expect((await persistently(ada, 'stories', { title: 'in time' })).status).toBe(201)
      const repeat = () =>
        api.post(path, { by: ada, body: { title: 'late 0' }, headers: { 'Idempotency-Key': key } })
      const [first, second] = [await repeat(), await repeat()]
      expect([first.status, second.status]).toEqual([201, 201])
      expect(second.body).toEqual(first.body)
      const titles = (await api.request(path)).body.stories.map(({ title }: { title: string }) => title)
      expect(titles).toEqual(['in time', 'late 0'])
    },
    TIMEOUT_MS,
  )

  test(
    'stores no token in plain text, gives everything a time to live, and forgets what is over',
    async () => {
      const ada = await api.create()
      const bob = await api.join(ada.sessionId)
      const { code } = (await api.command(bob, 'seat-code')).body
      for (let count = 0; count < 140; count += 1) await api.command(ada, 'extend')
      const text = (await Promise.all((await redis.keys()).map((key) => redis.textOf(key)))).join()
      expect(text).toContain(ada.userId)
      for (const secret of [ada.token, bob.token, code]) expect(text).not.toContain(secret)
      expect((await redis.keys()).filter((key) => key.includes(ada.sessionId))).toHaveLength(2)
      const longest = async () => {
        const others = [...(await redis.lifetimes())].filter(([key]) => key !== ENDED)
        return Math.max(...others.map(([, lifetime]) => lifetime))
      }
      const shortest = async () => Math.min(...(await redis.lifetimes()).values())
      expect(await shortest()).toBeGreaterThan(0)
      await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
      // Ten minutes for everything but its id, and nothing stays for good.
      while ((await longest()) > 600_000) await new Promise((resolve) => setTimeout(resolve, 20))
      expect(await redis.ask('ZSCORE', ENDED, ada.sessionId)).not.toBeNull()
      expect(await shortest()).toBeGreaterThan(0)
      await restart('SIGKILL')
      const { status, body } = await api.request(`/api/sessions/${ada.sessionId}`)
      expect([status, body.context.expired]).toEqual([404, true])
    },
    TIMEOUT_MS,
  )
})

describeWithRedis('a server that cannot keep its sessions', () => {
  test('does not start if Redis drops keys, and says why', async () => {
    const redis = await RedisServer.start(['--maxmemory-policy', 'volatile-lru'])
    await expect(startBuiltServer({ COMMAND_LOG: redis.url })).rejects.toThrow(/it must be noeviction/)
    await redis.stop()
  })

  test(
    'exits with 1 if Redis is not there, to be started again',
    async () => {
      const redis = await RedisServer.start()
      await redis.stop()
      const environment = { COMMAND_LOG: redis.url, PORT: '0' }
      const { exitCode, stdout } = await runCommand(['serve'], { environment })
      expect(exitCode).toBe(1)
      expect(stdout).toContain('"msg":"no command log"')
    },
    TIMEOUT_MS,
  )
})

describeWithRedis('the code for Redis', () => {
  test(
    'runs only if it is asked for',
    async () => {
      const redis = await RedisServer.start()
      const isForRedis = (module: string) => module.startsWith('dist/src/log/redis/')
      const off = await modulesRun(async (environment) => (await startBuiltServer(environment)).stop())
      expect(off).toContain('dist/src/server.js')
      expect(off.filter(isForRedis)).toEqual([])
      const on = await modulesRun(async (environment) =>
        (await startBuiltServer({ ...environment, COMMAND_LOG: redis.url })).stop(),
      )
      expect(on).toContain('dist/src/log/redis/command-log.js')
      await redis.stop()
    },
    TIMEOUT_MS,
  )
})
