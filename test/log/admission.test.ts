import type { SessionId } from '../../machines/ids.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { birthText } from '../../src/log/redis/entry.js'
import { ENDED, keysOf, LIVE } from '../../src/log/redis/keys.js'
import { createLogger } from '../../src/platform/logger.js'
import { type Answer, Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { TestStream } from '../support/sse.js'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js'
import { birthOf } from './contract.js'

/*
 * Who gets a place, and gives it back, over several servers on one Redis: the cap counts what can be gone on with
 * and nothing else, nobody is thrown out who is there, and nothing that is over comes back.
 */

const TIMEOUT_MS = 60_000
const CREATION = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox' }
/** Whoever gives no sign of life is gone at once, and a session without anybody gives its place at once. */
const IMPATIENT = { DESERTED_MINUTES: '0.001', PRESENCE_SECONDS: '0.2', DISCONNECT_DEBOUNCE_SECONDS: '0.1' }

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })

describeWithRedis('places over several servers on one Redis', () => {
  let redis: RedisServer
  const servers: InProcess[] = []
  const proxies: TcpProxy[] = []
  const streams: TestStream[] = []

  beforeEach(async () => {
    redis = await RedisServer.start()
  }, TIMEOUT_MS)

  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.close()
    await Promise.all(servers.splice(0).map((server) => server.stop()))
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()))
    await redis.stop()
  }, TIMEOUT_MS)

  async function start(environment: Record<string, string> = {}, url = redis.url): Promise<InProcess> {
    const commandLog = await RedisLog.open({ url, logger })
    const options = { RATE_LIMITING: 'false', ...environment }
    const server = await startInProcess({ commandLog, environment: options })
    servers.push(server)
    return server
  }

  const api = ({ url }: InProcess) => new Api(url)
  const create = (server: InProcess, body: object = {}): Promise<Answer> =>
    api(server).post('/api/sessions', { body: { ...CREATION, ...body } })
  const read = async (server: InProcess, id: string): Promise<Answer> =>
    api(server).request(`/api/sessions/${id}`)

  function open(server: InProcess, { sessionId, token }: Person): Promise<TestStream> {
    const stream = new TestStream(server.url, sessionId, { token })
    streams.push(stream)
    return stream.untilType('session_updated')
  }

  const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort()

  /** As it is known here, without asking the log. */
  const known = ({ services }: InProcess, id: string) =>
    services.supervisor.find(id as SessionId)?.snapshot.context

  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  test(
    'a thousand creations at once get the ten places that there are',
    async () => {
      const all = [await start({ MAX_SESSIONS: '10' }), await start({ MAX_SESSIONS: '10' })]
      all.push(await start({ MAX_SESSIONS: '10' }))
      const first = await api(all[0] as InProcess).create()
      const watching = await Promise.all(all.map((server) => open(server, first)))
      const warnings = (stream: TestStream) =>
        stream.frames.filter(({ data }) => data.type === 'session_capacity_warning')
      const asked = Array.from({ length: 999 }, (_, index) => create(all[index % 3] as InProcess))
      expect(statuses(await Promise.all(asked))).toEqual([...Array(9).fill(201), ...Array(990).fill(429)])
      for (const stream of watching) await stream.until(() => warnings(stream).length === 2)
      await api(all[0] as InProcess).command(first, 'start')
      for (const stream of watching) {
        await stream.untilType('voting_started')
        const left = warnings(stream).map(({ data }) => data.data.available_slots)
        expect(left.sort()).toEqual([0, 1])
      }
    },
    TIMEOUT_MS,
  )

  test(
    'the session that was deserted longest gives its place, and no other',
    async () => {
      const [one, two] = [
        await start({ MAX_SESSIONS: '3', ...IMPATIENT }),
        await start({ MAX_SESSIONS: '3', ...IMPATIENT }),
      ]
      const made: Person[] = []
      for (let count = 0; count < 3; count += 1) {
        const person = await api(one).create()
        await until(() => known(two, person.sessionId)?.emptySince != null)
        made.push(person)
      }
      await open(two, made[0] as Person)
      await until(() => known(one, made[0]?.sessionId ?? '')?.emptySince === null)
      expect((await create(one)).status).toBe(201)
      for (const server of [one, two]) {
        const found = await Promise.all(made.map(({ sessionId }) => read(server, sessionId)))
        expect(found.map(({ status }) => status)).toEqual([200, 404, 200])
      }
    },
    TIMEOUT_MS,
  )

  test(
    'a session whose people are back at another server is not ended for its place',
    async () => {
      const environment = { MAX_SESSIONS: '1', ...IMPATIENT }
      const [one, two] = [await start(environment), await start(environment)]
      const ada = await api(one).create()
      await until(() => known(one, ada.sessionId)?.emptySince != null)
      await until(() => known(two, ada.sessionId)?.emptySince != null)
      // What is published is heard by nobody: only what is read is known.
      await redis.ask('ACL', 'SETUSER', 'default', '-ssubscribe')
      await redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
      const stream = await open(two, ada)
      await until(() => known(two, ada.sessionId)?.emptySince === null)
      expect((await create(one)).status).toBe(429)
      expect((await read(two, ada.sessionId)).status).toBe(200)
      expect(stream.types).not.toContain('session_expired')
    },
    TIMEOUT_MS,
  )

  test(
    'what is listed and cannot be gone on with takes no place; what another release goes on with does',
    async () => {
      const server = await start({ MAX_SESSIONS: '2' })
      expect((await create(server)).status).toBe(201)
      const list = (id: string) => redis.ask('ZADD', LIVE, '1', id)
      const ids = ['empty', 'spoilt', 'later'].map(
        (name) => `00000000-0000-4000-8000-${name.padStart(12, '0')}`,
      )
      const [empty = '', spoilt = '', later = ''] = ids
      const text = birthText(birthOf(later as SessionId))
      for (const id of ids) await list(id)
      await redis.ask('XADD', keysOf(spoilt as SessionId).log, '1-1', 'c', '{')
      const foreign = text.replace('"input":{', '"input":{"semantics":99,')
      await redis.ask('XADD', keysOf(later as SessionId).log, '1-1', 'c', foreign)
      const refused = await create(server)
      expect([refused.status, refused.body.error_code]).toEqual([429, 'MAX_SESSIONS_REACHED'])
      await until(async () => (await redis.ask('ZCARD', LIVE)) === 2)
      await redis.ask('ZREM', LIVE, later)
      expect((await create(server)).status).toBe(201)
      expect(await redis.ask('ZSCORE', LIVE, empty)).toBeNull()
    },
    TIMEOUT_MS,
  )

  test(
    'a server that dies in the middle of a creation, or of an eviction, keeps no place',
    async () => {
      const server = await start({ MAX_SESSIONS: '1', ...IMPATIENT })
      const id = '00000000-0000-4000-8000-000000000001' as SessionId
      const dying = await RedisLog.open({ url: redis.url, logger })
      const { input, ...rest } = birthOf(id)
      const settings = { ...input.settings, presenceMs: 200, debounceMs: 100 }
      const birth = { input: { ...input, settings }, ...rest }
      // It is listed, and whoever asked for it is told nothing.
      await new Promise((resolve) => dying.create({ birth, sessionsMax: 1, evicted: null }, resolve))
      await dying.close()
      await until(async () => (await create(server)).status === 201)
      expect((await read(server, id)).status).toBe(404)
      // It has ended, and nobody has said so.
      await redis.ask('ZADD', LIVE, '1', id)
      await until(async () => (await create(server)).status === 201)
      expect(await redis.ask('ZCARD', LIVE)).toBe(1)
    },
    TIMEOUT_MS,
  )

  test(
    'with a lower cap a refused creation reads no session more, and the others are there for who asks',
    async () => {
      const before = await start({ MAX_SESSIONS: '6' })
      const people = await Promise.all(Array.from({ length: 6 }, () => api(before).create()))
      // Made long ago, they are not looked for as new ones are.
      for (const { sessionId } of people) await redis.ask('ZADD', LIVE, 'XX', '1', sessionId)
      const after = await start({ MAX_SESSIONS: '2' })
      expect([...after.services.supervisor.sessions()]).toHaveLength(2)
      expect((await create(after)).status).toBe(429)
      expect([...after.services.supervisor.sessions()]).toHaveLength(2)
      for (const { sessionId } of people) expect((await read(after, sessionId)).status).toBe(200)
    },
    TIMEOUT_MS,
  )

  test(
    'who was cut off for longer than a log outlives its session brings none back',
    async () => {
      const proxy = await startTcpProxy(Number(new URL(redis.url).port))
      proxies.push(proxy)
      const [one, two] = [await start(), await start({}, `redis://127.0.0.1:${proxy.port}`)]
      const ada = await api(one).create()
      const made = await create(one, { room: 'blue' })
      const id: string = made.body.session_id
      await until(() => known(two, id) !== undefined && known(two, ada.sessionId) !== undefined)
      proxy.partition(true)
      await until(() => !two.services.commandLog.isAvailable)
      const by = { sessionId: id, userId: '', token: made.body.user_token }
      expect((await api(one).request(`/api/sessions/${id}`, { method: 'DELETE', by })).status).toBe(200)
      await until(async () => (await redis.ask('ZSCORE', ENDED, id)) !== null)
      const { log, snap } = keysOf(id as SessionId)
      await redis.ask('DEL', log, snap)
      proxy.restore()
      await until(() => two.services.commandLog.isAvailable && known(two, id) === undefined)
      expect((await read(two, id)).status).toBe(404)
      expect(await redis.ask('ZSCORE', LIVE, id)).toBeNull()
      expect(await redis.ask('EXISTS', log, snap)).toBe(0)
      for (const server of [two, one]) expect((await read(server, ada.sessionId)).status).toBe(200)
      expect((await create(one, { room: 'blue' })).status).toBe(201)
    },
    TIMEOUT_MS,
  )
})
