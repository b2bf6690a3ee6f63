import type { SessionId } from '../../machines/ids.js'
import { Connection } from '../../src/log/redis/connection.js'
import { birthText } from '../../src/log/redis/entry.js'
import { keysOf } from '../../src/log/redis/keys.js'
import { CREATE } from '../../src/log/redis/scripts.js'
import { createLogger } from '../../src/platform/logger.js'
import type { SessionHost } from '../../src/runtime/session-host.js'
import type { Answer, Person } from '../support/api.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { ServersOnRedis } from '../support/servers-on-redis.js'
import { TestStream } from '../support/sse.js'
import { birthOf } from './contract.js'

/*
 * How many sessions there may be across all servers of one Redis: the cap holds whoever asks, nobody who is
 * present loses their place, and a session that nobody can carry out takes none.
 */

const NODES = 3
const TIMEOUT_MS = 60_000
const CREATES = 1_000

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const BODY = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox' }

describeWithRedis('places for sessions', () => {
  let redis: RedisServer
  let servers: ServersOnRedis
  const closed: (() => Promise<unknown>)[] = []

  beforeEach(async () => {
    redis = await RedisServer.start()
    servers = new ServersOnRedis()
  }, TIMEOUT_MS)

  afterEach(async () => {
    await servers.stop()
    for (const close of closed.splice(0)) await close()
    await redis.stop()
  }, TIMEOUT_MS)

  /** Whoever closes their last stream is away at once, and their session deserted. */
  const QUICK = { DISCONNECT_DEBOUNCE_SECONDS: '0', DESERTED_MINUTES: '0.0001' }

  async function start(count: number, sessionsMax: number, beside: Record<string, string> = {}) {
    for (let node = 0; node < count; node += 1)
      await servers.start(redis.url, { MAX_SESSIONS: String(sessionsMax), ...beside })
  }

  const api = (node: number) => servers.api(node)
  const create = (node: number, body: object = BODY) => api(node).post('/api/sessions', { body })
  const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort()
  const live = async () => {
    const ids = await redis.ask('ZRANGE', 'm:{g}:live', '0', '-1')
    return Array.isArray(ids) ? ids.map(String) : []
  }
  const hostAt = (node: number, id: string): SessionHost | undefined =>
    servers.server(node).services.supervisor.find(id as SessionId)

  async function open(node: number, person: Person): Promise<TestStream> {
    return (await servers.open(node, person)).untilType('session_updated')
  }

  /** Waits until every server knows whether somebody is in a session. */
  async function untilKnown(id: string, isDeserted: boolean): Promise<void> {
    const knows = (host: SessionHost | undefined | null) =>
      host != null && (host.snapshot.context.emptySince !== null) === isDeserted
    for (const { services } of servers.all) {
      const read = () =>
        new Promise<boolean>((resolve) =>
          services.supervisor.open(id as SessionId, (host) => resolve(knows(host))),
        )
      while (!(await read())) await later(5)
    }
  }

  /** A session whose creator was there and has left. */
  async function deserted(node: number): Promise<Person> {
    const ada = await api(node).create()
    const stream = await open(node, ada)
    await untilKnown(ada.sessionId, false)
    stream.close()
    await untilKnown(ada.sessionId, true)
    return ada
  }

  async function expectOver(...people: readonly Person[]): Promise<void> {
    for (const { sessionId } of people)
      for (let node = 0; node < servers.count; node += 1) {
        const { status, body } = await api(node).request(`/api/sessions/${sessionId}`)
        expect([status, body.context.expired]).toEqual([404, true])
      }
  }

  /** Writes a session as another release would. */
  async function ofAnotherRelease(id: string, room: string | null = null): Promise<void> {
    const { input, address } = birthOf(id)
    const birth = { ...JSON.parse(birthText({ input, address })), v: 99 }
    await written(id, JSON.stringify(birth))
    if (room !== null) await redis.ask('HSET', 'm:{g}:rooms', room, id)
  }

  async function written(id: string, first: string): Promise<void> {
    await redis.ask('XADD', keysOf(id as SessionId).log, '1-1', 'c', first)
    await redis.ask('ZADD', 'm:{g}:live', '1', id)
  }

  test(
    'go to exactly as many as there are, when a thousand ask three servers at once',
    async () => {
      await start(NODES, 10)
      const ada = await api(0).create()
      const stream = await open(1, ada)
      const answers = await Promise.all(Array.from({ length: CREATES }, (_, index) => create(index)))
      const made = answers.filter(({ status }) => status === 201).map(({ body }) => body.session_id)
      // If the machine stalls for two seconds, some are put off and ask again.
      const isPutOff = answers.some(({ status }) => status === 503)
      for (let node = 0; isPutOff && made.length < 9; node += 1) {
        const { status, body } = await create(node)
        if (status === 201) made.push(body.session_id)
      }
      expect(made).toHaveLength(9)
      expect(new Set(statuses(answers))).toEqual(new Set(isPutOff ? [201, 429, 503] : [201, 429]))
      expect((await live()).sort()).toEqual([ada.sessionId, ...made].sort())
      const warned = stream.frames.filter(({ data }) => data.type === 'session_capacity_warning')
      const slots = warned.map(({ data }) => data.data.available_slots)
      expect(slots).toEqual([...new Set(slots)])
    },
    TIMEOUT_MS,
  )

  test(
    'are taken from deserted sessions, the longest deserted first, and from no others',
    async () => {
      await start(NODES, 3, QUICK)
      const there = await api(0).create()
      const stream = await open(1, there)
      await untilKnown(there.sessionId, false)
      const [longest, later] = [await deserted(1), await deserted(2)]
      expect((await create(2)).status).toBe(201)
      await expectOver(longest)
      expect((await api(0).request(`/api/sessions/${later.sessionId}`)).status).toBe(200)
      const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => create(index)))
      // The session made just now is not deserted: its creator counts as present for a while.
      expect(statuses(answers)).toEqual([201, ...Array(29).fill(429)])
      await expectOver(later)
      expect(await live()).toHaveLength(3)
      expect(stream.isClosed).toBe(false)
    },
    TIMEOUT_MS,
  )

  test(
    'are taken once each from several deserted sessions, when several ask at once',
    async () => {
      await start(NODES, 6, QUICK)
      const gone: Person[] = []
      for (let index = 0; index < 6; index += 1) gone.push(await deserted(index % NODES))
      const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => create(index)))
      expect(statuses(answers)).toEqual([...Array(6).fill(201), ...Array(54).fill(429)])
      await expectOver(...gone)
      expect(await live()).toHaveLength(6)
    },
    TIMEOUT_MS,
  )

  test(
    'trigger one warning each time they become scarce',
    async () => {
      await start(2, 3, QUICK)
      const ada = await api(0).create()
      const all = [await open(0, ada), await open(1, ada)]
      const told = (stream: TestStream) =>
        stream.frames
          .filter(({ data }) => data.type === 'session_capacity_warning')
          .map(({ data }) => data.data.available_slots)
      const untilTold = async (slots: readonly number[]) => {
        for (const stream of all) await stream.until(() => told(stream).length >= slots.length)
        for (const stream of all) expect(told(stream)).toEqual(slots)
      }
      const bob = await deserted(1)
      await untilTold([1])
      const eve = await api(1).create()
      await untilTold([1, 0])
      // Bob's session gives up its place: there are no fewer and no more.
      expect((await create(0)).status).toBe(201)
      await expectOver(bob)
      expect(statuses([await create(0), await create(1)])).toEqual([429, 429])
      await api(1).request(`/api/sessions/${eve.sessionId}`, { method: 'DELETE', by: eve })
      expect((await create(0)).status).toBe(201)
      await untilTold([1, 0, 0])
    },
    TIMEOUT_MS,
  )

  test(
    'are not taken from people who came back a moment ago to a server the others have not heard from',
    async () => {
      await start(2, 1, QUICK)
      const ada = await deserted(0)
      // The servers look for themselves now and then, and until then they know nothing of it.
      await redis.ask('ACL', 'SETUSER', 'default', 'allchannels', '-ssubscribe')
      await redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
      for (let round = 0; round < 5; round += 1) {
        const stream = await open(1, ada)
        while (hostAt(1, ada.sessionId)?.snapshot.context.emptySince !== null) await later(1)
        const { status, body } = await create(0)
        expect([status, body.error_code]).toEqual([429, 'MAX_SESSIONS_REACHED'])
        expect((await api(1).request(`/api/sessions/${ada.sessionId}`)).status).toBe(200)
        stream.close()
        await untilKnown(ada.sessionId, true)
      }
      expect((await create(0)).status).toBe(201)
      await expectOver(ada)
    },
    TIMEOUT_MS,
  )

  test(
    'have one owner when somebody comes back and somebody else asks at the same instant',
    async () => {
      await start(2, 1, QUICK)
      let ada = await deserted(0)
      for (let round = 0; round < 20; round += 1) {
        const stream = new TestStream(api(round).url, ada.sessionId, { token: ada.token })
        const [asked] = await Promise.all([
          create(round + 1),
          stream.until(({ status }) => status !== 0 && status !== undefined),
        ])
        expect(await live()).toHaveLength(1)
        if (asked.status === 201) {
          await stream.untilClosed()
          await expectOver(ada)
          const { session_id: sessionId, user_id: userId, user_token: token } = asked.body
          ada = { sessionId, userId, token }
          const next = await open(round, ada)
          await untilKnown(ada.sessionId, false)
          next.close()
        } else {
          expect([asked.status, stream.status, stream.isClosed]).toEqual([429, 200, false])
          await untilKnown(ada.sessionId, false)
          stream.close()
        }
        await untilKnown(ada.sessionId, true)
      }
    },
    TIMEOUT_MS,
  )

  test(
    'are not taken up by listed sessions that are empty or cannot be read',
    async () => {
      await start(2, 2)
      await redis.ask('ZADD', 'm:{g}:live', '1', 'ghost', '2', 'another ghost')
      expect((await create(0)).status).toBe(201)
      await written('broken', '{')
      expect((await create(1)).status).toBe(201)
      expect(await live()).toHaveLength(2)
      // A server that can read it may still do so.
      expect(await redis.ask('EXISTS', keysOf('broken' as SessionId).log)).toBe(1)
      expect((await create(0)).status).toBe(429)
    },
    TIMEOUT_MS,
  )

  test(
    'are taken up, with their rooms, by sessions that only another release can carry out: that is refused, not put off',
    async () => {
      await start(1, 3, QUICK)
      await ofAnotherRelease('elsewhere', 'blue')
      const gone = await deserted(0)
      const { status, body } = await create(0, { ...BODY, room: 'blue' })
      expect([status, body.error_code, body.context.session_id]).toEqual([409, 'ROOM_TAKEN', 'elsewhere'])
      await ofAnotherRelease('also elsewhere')
      // Of three sessions, one is here, and deserted.
      expect((await create(0)).status).toBe(201)
      await expectOver(gone)
      const refused = await create(0)
      expect([refused.status, refused.body.error_code, refused.body.context.current_count]).toEqual([
        429,
        'MAX_SESSIONS_REACHED',
        3,
      ])
      expect(await live()).toHaveLength(3)
    },
    TIMEOUT_MS,
  )

  test(
    'may become fewer: surplus sessions are read when they are asked for, and not because others are refused',
    async () => {
      await start(1, 30)
      const people = await Promise.all(Array.from({ length: 30 }, () => api(0).create()))
      await servers.stop()
      // They were made a while ago: nobody looks for them as for new ones.
      for (const id of await live()) await redis.ask('ZADD', 'm:{g}:live', 'XX', '1', id)
      await start(1, 3)
      const { supervisor, logFigures } = servers.server(0).services
      const read = () => logFigures?.loads.done ?? 0
      expect([supervisor.capacity.active, read()]).toEqual([3, 3])
      for (let round = 0; round < 5; round += 1) expect((await create(0)).status).toBe(429)
      expect([supervisor.capacity.active, read()]).toEqual([3, 3])
      // One that ends makes room for one of the surplus, and not for a new one.
      const [first] = supervisor.sessions()
      const ada = people.find(({ sessionId }) => sessionId === first?.id)
      if (ada === undefined) throw new Error('nobody is here')
      await api(0).request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
      expect((await create(0)).status).toBe(429)
      expect([supervisor.capacity.active, read()]).toEqual([3, 4])
      for (const person of people) {
        const { status } = await api(0).request(`/api/sessions/${person.sessionId}`)
        expect(status).toBe(person === ada ? 404 : 200)
      }
      expect(supervisor.capacity.active).toBe(29)
    },
    TIMEOUT_MS,
  )

  test(
    'are back at once when a server dies while taking one: before it is taken, and after another session gave it up',
    async () => {
      await start(2, 2, QUICK)
      const gone = await deserted(0)
      const there = await api(1).create()
      await open(1, there)
      await untilKnown(there.sessionId, false)
      // Its log was started, but it is not listed yet.
      const connection = await Connection.open(redis.url, logger, TIMEOUT_MS)
      closed.push(() => connection.close())
      const { input, address } = birthOf('unlisted')
      const begun = await connection.run(
        CREATE,
        [keysOf(input.id).log],
        [String(connection.now() + TIMEOUT_MS), '60000', birthText({ input, address })],
      )
      expect(begun).toEqual(['ok', expect.any(String)])
      // Another session has given up its place, and nobody has taken it yet.
      const host = hostAt(1, gone.sessionId)
      await new Promise((resolve) =>
        host?.propose({ type: 'session.terminate', at: 0, reason: 'deserted' }, resolve),
      )
      expect(statuses([await create(0), await create(1)])).toEqual([201, 429])
      expect(await live()).toHaveLength(2)
    },
    TIMEOUT_MS,
  )
})
